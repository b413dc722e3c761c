/**
 * Proves of the front door `./ralphctl`: every verb has a help text, an unknown word is an error with the help, help
 * loads none of what the verbs run, and the script works from any folder and reports what is missing to run at all.
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, CommanderError } from "commander";

import { EXIT, MEANINGS } from "../../cli/exit-codes";
import { createProgram, GROUPS } from "../../cli/program";
import { run, type RunResult } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import { engines, version } from "../../package.json";
import { RALPHCTL } from "../support/ralphctl";

const SCRIPT = join(REPOSITORY, "ralphctl");
const VERBS: readonly string[] = Object.values(GROUPS).flat();

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A call in this process, of what ends while its words are read. */
async function call(...words: readonly string[]): Promise<Outcome> {
  const { program } = createProgram();
  let out = "";
  let err = "";
  const prepare = (command: Command): void => {
    command.exitOverride().configureOutput({
      writeOut: (text) => void (out += text),
      writeErr: (text) => void (err += text),
    });
    command.commands.forEach(prepare);
  };
  prepare(program);
  try {
    await program.parseAsync(["node", "ralphctl", ...words]);
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, out, err };
    throw error;
  }
  throw new Error(`${words.join(" ")} has run`);
}

const paths = (command: Command): string[][] =>
  command.commands.flatMap((inner) => [
    [inner.name()],
    ...paths(inner).map((path) => [inner.name(), ...path]),
  ]);

/** The options without which a verb does not start. */
function required(program: Command, path: readonly string[]): string[] {
  let command = program;
  for (const name of path) command = command.commands.find((each) => each.name() === name) ?? command;
  return command.options.flatMap(({ mandatory, long }) => (mandatory ? [long ?? "", "some"] : []));
}

describe("./ralphctl", () => {
  const { program, afterInterrupt } = createProgram();

  it("has a verb for each file of cli/commands, in one group", () => {
    const files = readdirSync(join(REPOSITORY, "cli/commands")).map((file) => file.replace(/\.ts$/, ""));
    assert.deepEqual([...VERBS].sort(), files.sort());
    for (const verb of VERBS)
      assert.ok(
        program.commands.some((command) => command.name() === verb),
        verb,
      );
  });

  for (const path of paths(program)) {
    it(`${path.join(" ")}: has a help text, and refuses an unknown option with it`, async () => {
      const help = await call(...path, "--help");
      assert.deepEqual([help.code, help.err], [0, ""]);
      assert.match(help.out, new RegExp(`^Usage: ralphctl ${path.join(" ")}\\b`));
      const text = help.out.split("\n\n")[1] ?? "";
      assert.match(text, /^[A-Z][^]*\w/, "a description in sentences");
      for (const [, option = ""] of help.out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm))
        assert.match(
          help.out,
          new RegExp(`${option}.* {2,}\\S|${option}.*\\n {4,}\\S`),
          `${option} is described`,
        );

      const unknown = await call(...path, ...required(program, path), "--no-such-option");
      assert.deepEqual([unknown.code, unknown.out], [EXIT.failed, ""]);
      assert.match(unknown.err, /^error: .*--no-such-option[^]*\n\nUsage: /);
    });
  }

  it("lists every verb with one line and all exit codes once", async () => {
    const { code, out } = await call("--help");
    assert.equal(code, 0);
    for (const group of Object.keys(GROUPS)) assert.match(out, new RegExp(`^${group}:$`, "m"));
    for (const verb of VERBS) assert.match(out, new RegExp(`^  ${verb} {2,}[a-z]`, "m"));
    assert.deepEqual(
      [...out.matchAll(/^ +(\d+) {2}(\w+)/gm)].map(([, number]) => Number(number)),
      Object.values(EXIT),
    );
    assert.deepEqual(Object.keys(MEANINGS), Object.keys(EXIT));
  });

  it("suggests a verb for an unknown one, and has a version", async () => {
    const unknown = await call("destory");
    assert.equal(unknown.code, EXIT.failed);
    assert.match(unknown.err, /unknown command 'destory'\n\(Did you mean destroy\?\)/);
    assert.deepEqual(await call("--version"), { code: 0, out: `${version}\n`, err: "" });
  });

  it("says after Ctrl-C how to go on, for each verb that changes something", () => {
    const reading = VERBS.filter((verb) => afterInterrupt(verb) === "Nothing was changed.");
    assert.deepEqual(reading.sort(), ["completion", "docs", "doctor", "env", "leaks", "preview"]);
    assert.match(afterInterrupt("up"), /`make up` goes on/);
  });

  it("needs only its own parser for --help", async () => {
    const note = `process.on("exit", () => process.stderr.write(Object.keys(require.cache).join("\\n")))`;
    const dir = mkdtempSync(join(tmpdir(), "ralphctl-"));
    try {
      const file = join(dir, "note.js");
      writeFileSync(file, note);
      const packages = async (...args: readonly string[]): Promise<string[]> => {
        const { stderr } = await run(process.execPath, ["-r", file, ...args]);
        const names = [...stderr.matchAll(/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/g)].map(
          ([, name = ""]) => name,
        );
        return [...new Set(names)].sort();
      };
      await packages(...RALPHCTL, "--help"); // strips each file, if no earlier run has: not a part of the verbs
      const loader = await packages("-r", RALPHCTL[3] ?? "", "-e", "0");
      const all = await packages(...RALPHCTL, "--help");
      assert.deepEqual(
        all.filter((name) => !loader.includes(name)),
        ["commander"],
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe("the script ralphctl", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "ralphctl-"))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const link = (name: string): void => {
    const found = (process.env.PATH ?? "").split(":").find((folder) => {
      try {
        return readdirSync(folder).includes(name);
      } catch {
        return false;
      }
    });
    symlinkSync(join(found ?? "/usr/bin", name), join(dir, name));
  };

  it("works from another folder, and through a symbolic link on the PATH", async () => {
    symlinkSync(SCRIPT, join(dir, "first"));
    symlinkSync("first", join(dir, "ralphctl"));
    const calls: [string, RunResult][] = [
      ["absolute", await run(SCRIPT, ["--version"], { cwd: "/" })],
      [
        "link",
        await run("ralphctl", ["--version"], { cwd: "/", env: { PATH: `${dir}:${process.env.PATH}` } }),
      ],
    ];
    for (const [name, { code, stdout, stderr }] of calls)
      assert.deepEqual([code, stdout], [0, `${version}\n`], name + stderr);
  });

  it("reads paths of options from the folder in which it was called", async () => {
    const outside = await run(SCRIPT, ["render", "--config-file", "no.yaml", "--out", "out"], { cwd: dir });
    assert.deepEqual(
      [outside.code, outside.stderr.includes(join(dir, "no.yaml"))],
      [1, true],
      outside.stderr,
    );
    const inside = await run(SCRIPT, ["render", "--out", "out", "--json"], { cwd: dir });
    assert.equal(inside.code, 0, inside.stderr);
    const { objects } = JSON.parse(inside.stdout) as { objects: number };
    assert.equal(
      readdirSync(join(dir, "out"), { recursive: true, encoding: "utf8" }).filter((file) =>
        file.endsWith(".yaml"),
      ).length,
      objects,
    );
  });

  it("reports that Node.js is not installed", async () => {
    ["dirname", "readlink"].forEach(link);
    const { code, stdout, stderr } = await run(SCRIPT, ["--version"], { env: { PATH: dir } });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^error: Node\.js is not installed.*https:\/\/nodejs\.org/);
  });

  it("reports that Node.js is too old", async () => {
    const old = `Object.defineProperty(process, "versions", { value: { node: "18.20.8" } });`;
    const script = `${old} require(${JSON.stringify(RALPHCTL[1])})`;
    const { code, stderr } = await run(process.execPath, ["-e", script]);
    assert.equal(code, 1);
    const wanted = engines.node.replace(/\D+/, "");
    assert.equal(
      stderr,
      `error: Node.js ${wanted} or newer is needed, and this is 18.20.8: https://nodejs.org/en/download\n`,
    );
  });

  it("reports that the dependencies are not installed, with the command", async () => {
    mkdirSync(join(dir, "cli"));
    for (const file of ["ralphctl", "package.json", "cli/requirements.js"])
      cpSync(join(REPOSITORY, file), join(dir, file));
    chmodSync(join(dir, "ralphctl"), 0o755);
    const command = "npm ci --ignore-scripts";
    for (const [cwd, fix] of [
      [dir, command],
      ["/", `cd ${dir} && ${command}`],
    ]) {
      const { code, stdout, stderr } = await run(join(dir, "ralphctl"), ["--help"], { cwd });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.equal(stderr, `error: the dependencies are not installed.\n  ${fix}\n`);
    }
  });

  it("completes verbs, their verbs and options in bash", async () => {
    const script = await run(SCRIPT, ["completion", "bash"]);
    const complete = async (...words: readonly string[]): Promise<string> => {
      const line = words.map((word) => `'${word}'`).join(" ");
      const { code, stdout, stderr } = await run("bash", [
        "-c",
        `${script.stdout}\nCOMP_WORDS=(./ralphctl ${line}); COMP_CWORD=${words.length}; _ralphctl; echo "\${COMPREPLY[*]}"`,
      ]);
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    assert.equal(await complete("de"), "destroy");
    assert.equal(await complete("ephemeral", ""), "up down --help");
    assert.equal(await complete("ephemeral", "down", "--y"), "--yes");
    assert.equal(await complete("doctor", "--stack", "gke", "--k"), "--kubeconfig");
  });
});
