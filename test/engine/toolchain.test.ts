import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { engineVariables } from "../../local/engine";
import { REPOSITORY } from "../../lib/repository";
import { TOOL_NAMES } from "../../local/tools/pins";
import { run, type RunResult } from "../../lib/process";
import { BUILT, SDK_VERSION } from "../../local/tools/provider";
import { Machine } from "../support/machine";
import { RALPHCTL } from "../support/ralphctl";

/**
 * The command `tools`, on a machine whose only program is a Go that notes what it is asked to build and
 * "builds" a program that fails. (Real builds take minutes: the engine tests use their outcome.)
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

  const command = (): [string, string[], { cwd: string; env: NodeJS.ProcessEnv }] => [
    process.execPath,
    [...RALPHCTL, "tools"],
    {
      cwd: REPOSITORY,
      env: machine.env,
    },
  ];
  const tools = (): Promise<RunResult> => run(...command());

  it("that has none and no Go: one error names all of them, with where to get each", async () => {
    const { code, stdout, stderr } = await tools();
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: 10 of the tools needed are not installed, and there is no Go/);
    for (const tool of TOOL_NAMES) assert.match(stderr, new RegExp(`^  ${tool} +\\S`, "m"));
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

  it("with Go: builds each binary once, says so before, and never again", async () => {
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
    assert.match(first.stderr, /^Building etcd 3.*about \d+ min/);
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

  it("takes what is installed in a usable version, and builds what is not", async () => {
    installGo();
    machine.install("kubectl", "echo Client Version: v1.34.1");
    machine.install("etcd", "echo etcd Version: 3.4.23");
    const { stdout } = await tools();
    assert.match(stdout, new RegExp(`^kubectl +${machine.dir}/bin/kubectl$`, "m"));
    assert.match(stdout, new RegExp(`^etcd +${machine.cache}/etcd-`, "m"));
  });

  it("does not take an engine without its language host", async () => {
    installGo();
    machine.install("pulumi", "echo v3.250.0");
    const { stdout } = await tools();
    assert.match(stdout, new RegExp(`^pulumi +${machine.cache}/`, "m"));
  });

  it("takes an engine with its language host, and downloads the exact provider where it can", async () => {
    installGo();
    const plugin = `$PULUMI_HOME/plugins/resource-kubernetes-v${SDK_VERSION}`;
    machine.install(
      "pulumi",
      `case "$1 $2" in
         "version ") echo v3.250.0 ;;
         "plugin install") /bin/mkdir -p "${plugin}"; /bin/cp "$0" "${plugin}/pulumi-resource-kubernetes" ;;
       esac`,
    );
    machine.install("pulumi-language-nodejs", "exit 1");
    const { code, stdout, stderr } = await tools();
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^pulumi-language-nodejs +${machine.dir}/bin/`, "m"));
    assert.match(stdout, new RegExp(`^Kubernetes provider ${SDK_VERSION.replaceAll(".", "\\.")}$`, "m"));
    assert.ok(!machine.builds.includes("pulumi-resource-kubernetes"));
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
    // Installed there, these would be taken: pulumi and kubectl answer like usable ones.
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

  it("goes on where a failed build stopped, and shows what the compiler said", async () => {
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

  it("is left clean by Ctrl-C: Go has ended, nothing is half there, exit code 130", async () => {
    installGo(`echo half > "$output"; echo $$ > "${join(machine.dir, "pid")}"; exec /bin/sleep 600`);
    const [program, args, options] = command();
    const child = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    // Go has begun when it has written its pid.
    const begun = setInterval(() => {
      if (!existsSync(join(machine.dir, "pid"))) return;
      clearInterval(begun);
      child.kill("SIGINT");
    }, 20);
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Stopped\. What was built is kept\./);
    assert.throws(() => process.kill(Number(readFileSync(join(machine.dir, "pid"), "utf8")), 0), /ESRCH/);
    const left = readdirSync(machine.cache, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      left.filter((name) => /partial|lock/.test(name)),
      [],
    );
  });
});
