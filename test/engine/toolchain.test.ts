import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { engineVariables } from "../../local/engine";
import { REPOSITORY } from "../../lib/repository";
import * as downloaded from "../../local/tools/download/downloaded";
import { type SourceName, SOURCES } from "../../local/tools/download/sources";
import { TOOL_NAMES } from "../../local/tools/pins";
import { run, type RunResult } from "../../lib/process";
import { BUILT, SDK_VERSION } from "../../local/tools/provider";
import { Machine } from "../support/machine";
import { type Behaviour, Mirror, serve } from "../support/mirror";
import { RALPHCTL } from "../support/ralphctl";

/**
 * The command `tools`, on a machine without a network, whose only program is a Go that records what it is asked to
 * build and "builds" a program that fails. (Real builds take minutes: the engine tests use their results.) The
 * publishers' binaries come from a mirror on loopback.
 */
describe("tools on a machine", () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  /** @param onBuild what Go does when it should build $output. */
  const installGo = (onBuild = 'printf "#!/bin/sh\\nexit 1\\n" > "$output"; /bin/chmod +x "$output"'): void =>
    machine.install(
      "go",
      `case "$1" in
         version) echo go version go1.26.8 linux/amd64 ;;
         env) printf 'go1.26.8\\nlinux\\namd64\\n' ;;
         build)
           for argument in "$@"; do case "$argument" in -o=*) output="\${argument#-o=}" ;; esac; done
           name="\${output##*/}"; name="\${name#.}"; echo "\${name%.partial}" >> "${machine.notes}"
           ${onBuild} ;;
       esac`,
    );

  const command = (...args: string[]): [string, string[], { cwd: string; env: NodeJS.ProcessEnv }] => [
    process.execPath,
    [...RALPHCTL, "tools", ...args],
    {
      cwd: REPOSITORY,
      env: machine.env,
    },
  ];
  const tools = (...args: string[]): Promise<RunResult> => run(...command(...args));

  const exactly = (version: string): RegExp =>
    new RegExp(`^Kubernetes provider ${version.replaceAll(".", "\\.")}$`, "m");

  const thisPlatform = (): "linux/amd64" | "linux/arm64" => {
    const platform = downloaded.thisPlatform();
    assert.ok(platform === "linux/amd64" || platform === "linux/arm64", `not on ${platform}`);
    return platform;
  };

  it("with none of them and no Go: one error names all of them, with where to get each", async () => {
    const { code, stdout, stderr } = await tools();
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: 10 of the tools needed are not installed, and there is no Go/);
    for (const tool of TOOL_NAMES) assert.match(stderr, new RegExp(`^  ${tool} +\\S`, "m"));
    assert.match(
      stderr,
      /^Not downloaded:\n {2}pulumi, .*kwokctl: 127\.0\.0\.1:9 cannot be reached \(connection refused\)$/m,
    );
    assert.match(stderr, /install Go.*https:\/\/go\.dev\/doc\/install/);
    assert.doesNotMatch(stderr, /\n\s+at /); // no stack trace
    assert.equal(existsSync(machine.cache), false);
  });

  it("with a Go that is too old: the same error", async () => {
    machine.install("go", "echo go version go1.25.9 linux/amd64");
    const { code, stderr } = await tools();
    assert.equal(code, 1);
    assert.match(stderr, /no Go to build them/);
  });

  it("with Go: announces and builds each binary once", async () => {
    installGo();
    const first = await tools();
    assert.equal(first.code, 0, first.stderr);
    const expected = [
      "etcd",
      "kwok",
      "kubernetes",
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-resource-kubernetes",
    ];
    assert.deepEqual(machine.builds, expected);
    const [refused = "", building = ""] = first.stderr.split("\n");
    assert.match(
      refused,
      /^127\.0\.0\.1:9 cannot be reached \(connection refused\): Go builds pulumi, .*kwokctl instead\.$/,
    );
    assert.match(building, /^Building etcd 3.*about \d+ min/);
    assert.match(first.stderr, /^\[6\/6\] pulumi-resource-kubernetes 4\.24\.1-dev done in/m);
    for (const tool of TOOL_NAMES) assert.match(first.stdout, new RegExp(`^${tool} +${machine.cache}/`, "m"));
    assert.match(first.stdout, /^Kubernetes provider 4\.24\.1-dev \(newest that can be built\)$/m);

    const second = await tools();
    assert.deepEqual([second.code, second.stderr, second.stdout], [0, "", first.stdout]);
    assert.deepEqual(machine.builds, expected);
  });

  it("keeps the language host away from the engine, which would run it without the project's options", async () => {
    installGo();
    const { stdout } = await tools();
    const folder = (tool: string): string | undefined =>
      new RegExp(`^${tool} +(.*)/${tool}$`, "m").exec(stdout)?.[1];
    assert.ok(folder("pulumi"));
    assert.ok(folder("pulumi-language-nodejs"));
    assert.notEqual(folder("pulumi-language-nodejs"), folder("pulumi"));
  });

  it("uses installed programs of a usable version, and builds the others", async () => {
    installGo();
    machine.install("kubectl", "echo Client Version: v1.34.1");
    machine.install("etcd", "echo etcd Version: 3.4.23");
    const { stdout } = await tools();
    assert.match(stdout, new RegExp(`^kubectl +${machine.dir}/bin/kubectl$`, "m"));
    assert.match(stdout, new RegExp(`^etcd +${machine.cache}/etcd-`, "m"));
  });

  it("does not use an engine without its language host", async () => {
    installGo();
    machine.install("pulumi", "echo v3.250.0");
    const { stdout } = await tools();
    assert.match(stdout, new RegExp(`^pulumi +${machine.cache}/`, "m"));
  });

  it("uses an engine with its language host", async () => {
    installGo();
    machine.install("pulumi", "echo v3.250.0");
    machine.install("pulumi-language-nodejs", "exit 1");
    const { code, stdout, stderr } = await tools();
    assert.equal(code, 0, stderr);
    for (const tool of ["pulumi", "pulumi-language-nodejs"]) {
      assert.match(stdout, new RegExp(`^${tool} +${machine.dir}/bin/${tool}$`, "m"));
    }
  });

  it("uses the exact provider of the user's own Pulumi", async () => {
    installGo();
    const plugin = join(machine.dir, ".pulumi", "plugins", `resource-kubernetes-v${SDK_VERSION}`);
    mkdirSync(plugin, { recursive: true });
    writeFileSync(join(plugin, "pulumi-resource-kubernetes"), "");
    const { stdout } = await tools();
    assert.match(stdout, exactly(SDK_VERSION));
    assert.ok(!machine.builds.includes("pulumi-resource-kubernetes"));
  });

  describe("with a mirror of the publishers", () => {
    let mirror: Mirror;
    beforeEach(async () => {
      mirror = await new Mirror().start();
      machine.env.RALPH_TOOLS_MIRROR = mirror.address;
      // The mirror's kwok is not the one whose digest is pinned.
      for (const tool of ["kwok", "kwokctl"]) machine.install(tool, "echo v0.8.0");
    });
    afterEach(() => mirror.stop());

    const publish = async (...but: SourceName[]): Promise<void> => {
      for (const name of Object.keys(SOURCES) as SourceName[]) {
        if (!but.includes(name) && !name.startsWith("kwok")) await mirror.publish(name, thisPlatform());
      }
    };

    it("and no Go: downloads what is missing, with the exact provider, once", async () => {
      await publish();
      const first = await tools();
      assert.equal(first.code, 0, first.stderr);
      assert.match(
        first.stderr,
        /^Downloading pulumi 3\.259\.0, .*etcd 3\.6\.13 from http:.*\. Once; Ctrl-C is safe\.$/m,
      );
      assert.match(first.stderr, /^\[7\/7\] etcd 3\.6\.13 done in \d+ s, 0\.0 of 0\.0 MB$/m);
      assert.match(first.stdout, exactly(SDK_VERSION));
      assert.match(first.stdout, new RegExp(`^pulumi +${machine.cache}/downloads/pulumi-3`, "m"));
      assert.match(
        first.stdout,
        new RegExp(`^pulumi-language-nodejs +${machine.cache}/downloads/pulumi-3`, "m"),
      );

      const asked = mirror.requests.length;
      const second = await tools();
      assert.deepEqual([second.code, second.stderr, second.stdout], [0, "", first.stdout]);
      assert.equal(mirror.requests.length, asked);
    });

    it("uses what was built before, without a request", async () => {
      installGo();
      await tools("--build");
      await publish();
      const { stdout, stderr } = await tools();
      assert.equal(stderr, "");
      assert.match(stdout, /^Kubernetes provider 4\.24\.1-dev/m);
      assert.deepEqual(mirror.requests, []);
    });

    it("builds with --build, even what was downloaded before", async () => {
      installGo();
      await publish();
      await tools();
      const asked = mirror.requests.length;
      const { code, stdout, stderr } = await tools("--build");
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^Building etcd/);
      assert.match(stdout, new RegExp(`^pulumi +${machine.cache}/pulumi-`, "m"));
      assert.match(stdout, /^Kubernetes provider 4\.24\.1-dev/m);
      assert.equal(mirror.requests.length, asked);
    });

    it("whose engine has a wrong checksum: reports it, keeps nothing, and builds engine and language host", async () => {
      installGo();
      await publish("pulumi");
      await mirror.publish("pulumi", thisPlatform(), { digest: "0".repeat(64) });
      const { code, stdout, stderr } = await tools();
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /^wrong checksum of http:.*\/pulumi-v3\.259\.0-\S+, which was deleted: expected SHA-256 0{64}, got [0-9a-f]{64}: Go builds pulumi, pulumi-language-nodejs instead\.$/m,
      );
      assert.deepEqual(machine.builds, ["pulumi", "pulumi-language-nodejs"]);
      assert.match(stdout, exactly(SDK_VERSION));
      const left = readdirSync(join(machine.cache, "downloads"));
      assert.deepEqual(
        left.filter((name) => /^pulumi|partial|lock/.test(name)),
        [],
      );
    });

    it("without a file, and no Go: one error says which tool, why, and what to do", async () => {
      await publish("etcd");
      const { code, stderr } = await tools();
      assert.equal(code, 1);
      const error = stderr.slice(stderr.indexOf("error: "));
      assert.match(error, /^error: 1 of the tools needed .*no Go to build them/);
      assert.match(error, /^ {2}etcd +https:\/\/etcd\.io/m);
      assert.match(error, /^Not downloaded:\n {2}etcd: http:.*\/SHA256SUMS responded 404$/m);
      assert.match(error, /install Go/);
    });

    it("keeps a partial download on Ctrl-C, and resumes it", async () => {
      await publish();
      const archive = Mirror.pathOf(SOURCES.pulumi.files[thisPlatform()]?.url ?? assert.fail());
      const half: Behaviour = (body, _request, response) => {
        response.writeHead(200, { "content-length": body.length });
        response.write(body.subarray(0, 100), () => setTimeout(() => child.kill("SIGINT"), 200));
      };
      mirror.answer(archive, half, serve);
      const [program, args, options] = command();
      const child = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await new Promise((resolve) => child.on("close", resolve));
      assert.equal(code, 130, stderr);
      assert.match(stderr, /Stopped\. What was downloaded or built is kept\./);
      const [left, ...more] = readdirSync(join(machine.cache, "downloads"));
      assert.match(left ?? "", /^pulumi-3\.259\.0-.*\.partial$/);
      assert.deepEqual(more, []);

      assert.equal((await tools()).code, 0);
      assert.ok(mirror.requests.includes(`${archive} bytes=100-`));
    });
  });

  it("is not misled by a shell that has the environment of a stack (make env)", async () => {
    installGo();
    const { stdout } = await tools();
    const path = (tool: string): string =>
      new RegExp(`^${tool} +(.*)$`, "m").exec(stdout)?.[1] ?? assert.fail(tool);
    const dir = join(machine.dir, "run");
    const { PATH, PULUMI_HOME } = engineVariables({
      dir,
      toolchain: {
        paths: {
          pulumi: path("pulumi"),
          "pulumi-language-nodejs": path("pulumi-language-nodejs"),
          "pulumi-resource-kubernetes": path("pulumi-resource-kubernetes"),
          kubectl: path("kubectl"),
        },
        provider: BUILT,
      },
      passphrase: "p",
    });
    // If they were installed there, these would be used: pulumi and kubectl answer like usable ones.
    for (const [tool, answer] of [
      ["pulumi", "v3.259.0"],
      ["kubectl", "v1.34.4"],
    ] as const) {
      writeFileSync(path(tool), `#!/bin/sh\necho ${answer}\n`);
    }
    const [program, args, options] = command();
    const inShell = await run(program, args, {
      ...options,
      env: { ...options.env, PULUMI_HOME, PATH: `${PATH?.split(":")[0]}:${options.env.PATH}` },
    });
    assert.equal(inShell.stdout, stdout);
  });

  it("resumes after a failed build, and shows the compiler's error", async () => {
    installGo(
      'case "$output" in *kwok*) echo "main.go:1: no luck" >&2; exit 1 ;; *) echo > "$output" ;; esac',
    );
    const failed = await tools();
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /error: building kwok 0\.8\.0 failed.*\n {2}main\.go:1: no luck/);
    assert.doesNotMatch(failed.stderr, /\n\s+at /);

    rmSync(machine.notes);
    installGo();
    assert.equal((await tools()).code, 0);
    assert.equal(machine.builds[0], "kwok");
  });

  it("is left clean by Ctrl-C: Go has ended, nothing is partial, exit code 130", async () => {
    installGo(`echo half > "$output"; echo $$ > "${join(machine.dir, "pid")}"; exec /bin/sleep 600`);
    const [program, args, options] = command();
    const child = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    // Go has started once it has written its pid.
    const begun = setInterval(() => {
      if (!existsSync(join(machine.dir, "pid"))) return;
      clearInterval(begun);
      child.kill("SIGINT");
    }, 20);
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Stopped\. What was downloaded or built is kept\./);
    assert.throws(() => process.kill(Number(readFileSync(join(machine.dir, "pid"), "utf8")), 0), /ESRCH/);
    const left = readdirSync(machine.cache, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      left.filter((name) => /partial|lock/.test(name)),
      [],
    );
  });
});
