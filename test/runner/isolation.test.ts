/**
 * Proves what keeps an agent from the runner's keys and from the network, by real processes: bin/entry as it is, with
 * stand-ins for tini and node; a process namespace of its own in place of a container; sockets. (In a real pod:
 * test/engine/real-node.test.ts.)
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { networkClosed } from "../../runner/src/closed-network";
import { REPOSITORY } from "../../lib/repository";

describe("the container's first process", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "runner-entry-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("hands the environment to the runner through a pipe, and to no process as its own", () => {
    const program = (name: string, text: string): string => {
      writeFileSync(join(root, name), `#!/bin/bash\n${text}\n`);
      chmodSync(join(root, name), 0o755);
      return join(root, name);
    };
    const tini = program("tini", `shift; tr '\\0' '\\n' </proc/$$/environ >${root}/first; "$@"`);
    program("node", `tr '\\0' '\\n' </proc/$$/environ >${root}/second; cat <&3 >${root}/pipe; echo "$@"`);
    const entry = readFileSync(join(REPOSITORY, "runner", "bin", "entry"), "utf8");
    const env = {
      PATH: `${root}:/usr/bin:/bin`,
      CLAUDE_API_KEY: "sk-ant-canary",
      MULTILINE: "one\ntwo=2",
      EMPTY: "",
    };
    const stdout = execFileSync(program("entry", entry.replace("/usr/bin/tini", tini)), ["--prompt=a b"], {
      env,
      encoding: "utf8",
    });
    assert.match(stdout, /\/app\/dist\/main\.js --prompt=a b$/m);
    for (const file of ["first", "second"]) {
      const names = readFileSync(join(root, file), "utf8")
        .split("\n")
        .map((line) => line.split("=")[0]);
      assert.deepEqual(
        names.filter((name) => !["_", "PWD", "SHLVL", "OLDPWD", ""].includes(name ?? "")).sort(),
        ["PATH", "RUNNER_ENVIRONMENT"],
      );
    }
    // As the runner reads it.
    const read = `
      const { openSync } = require("node:fs");
      const { readEnvironment } = require("./runner/src/environment");
      const fd = openSync(${JSON.stringify(join(root, "pipe"))});
      console.log(JSON.stringify(readEnvironment({ RUNNER_ENVIRONMENT: String(fd) })));`;
    const printed = execFileSync(process.execPath, ["-r", "./boot/loader.js", "-e", read], {
      cwd: REPOSITORY,
    });
    const got = JSON.parse(printed.toString()) as Record<string, string>;
    for (const [name, value] of Object.entries(env)) assert.equal(got[name], value, name);
  });
});

describe("the end of a run", () => {
  it("ends every process of its container, however it hid, but not the runner's own", function () {
    if (process.getuid?.() !== 0) return this.skip(); // a process namespace is root's to make
    const script = `
      const { spawn } = require("node:child_process");
      const { readdirSync, readFileSync } = require("node:fs");
      const { endRun } = require("./runner/src/processes");
      const own = spawn("sleep", ["1001"]);
      spawn("bash", ["-c", "env -i setsid sleep 1002 & (trap '' TERM; exec env -i setsid bash -c 'while :; do sleep 1003; done') & exit"]);
      const running = () => readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).flatMap((pid) => {
        try { return readFileSync("/proc/" + pid + "/cmdline", "utf8").replaceAll("\\0", " ").match(/^sleep (100\\d) $/)?.[1] ?? []; } catch { return []; }
      });
      setInterval(async function look() {
        if (new Set(running()).size < 3) return;
        clearInterval(this);
        await endRun("NONE=1");
        console.log(running().join());
        own.kill();
      }, 20);`;
    const args = [
      ...["--pid", "--fork", "--mount-proc", "--kill-child"],
      "bash",
      "-c",
      'exec -a /usr/bin/tini bash -c \'"$0" -r ./boot/loader.js -e "$1"; exit\' "$0" "$1"',
      process.execPath,
      script,
    ];
    const { stdout, stderr } = spawnSync("unshare", args, {
      cwd: REPOSITORY,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(stdout.trim(), "1001", stderr);
  });
});

describe("the start of an agent", () => {
  const TIMING = { attempt: 1000, pause: 5 };

  it("waits until the address that the network policy closes is closed", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const lines: string[] = [];
    let connections = 0;
    server.on("connection", () => ++connections === 3 && server.close());
    const { signal } = new AbortController();
    assert.equal(await networkClosed(`127.0.0.1:${port}`, (text) => lines.push(text), signal, TIMING), true);
    assert.equal(connections, 3);
    assert.deepEqual(lines, ["waiting until the network policy closes the network"]);
  });

  it("does not wait without such an address, and not after a signal", async () => {
    assert.equal(await networkClosed(undefined, assert.fail, new AbortController().signal), true);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "::1", resolve));
    const { port } = server.address() as { port: number };
    const stop = new AbortController();
    const waiting = networkClosed(`::1:${port}`, () => stop.abort(), stop.signal, TIMING);
    assert.equal(await waiting, false);
    server.close();
  });
});
