import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isRunning, startControlPlane, stopControlPlane } from "../../../local/control-plane";
import { ToolError } from "../../../lib/errors";
import { kubeconfig } from "../../../local/control-plane/kubeconfig";
import { freePorts, isFree } from "../../../local/control-plane/ports";
import type { Toolchain } from "../../../local/tools/toolchain";

// The engine tests start real ones.
describe("a control plane's folder", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "control-plane-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  /** Starts a process whose command line begins with this program's path. */
  async function start(
    program: string,
    ...args: string[]
  ): Promise<{ ended: Promise<unknown>; kill: () => void }> {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", ...args], { argv0: program });
    const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    await new Promise((resolve) => child.on("spawn", resolve));
    return { ended, kill: () => void child.kill() };
  }

  it("ends its own processes, and lets the store shut down", async () => {
    const bin = join(dir, "kwok", "clusters", "test", "bin");
    const server = await start(join(bin, "kube-apiserver"));
    const store = await start(join(bin, "etcd"));
    assert.equal(isRunning({ dir, name: "test" }), true);
    assert.equal(await stopControlPlane({ dir, name: "test" }), 2);
    assert.deepEqual([await server.ended, await store.ended], ["SIGKILL", "SIGTERM"]);
    assert.equal(isRunning({ dir, name: "test" }), false);
  });

  it("does not end a process that only has its path as an argument, nor one whose pid is in its pid files", async () => {
    const pids = join(dir, "kwok", "clusters", "test", "pids");
    mkdirSync(pids, { recursive: true });
    writeFileSync(join(pids, "etcd.pid"), String(process.pid));
    const editor = await start("editor", join(dir, "kwok", "clusters", "test", "bin", "etcd"));
    assert.equal(await stopControlPlane({ dir, name: "test" }), 0);
    assert.deepEqual(readdirSync(pids), []); // or kwokctl would take this test for its etcd
    editor.kill();
    assert.equal(await editor.ended, "SIGTERM");
  });

  it("can be stopped if it does not exist", async () => {
    assert.equal(await stopControlPlane({ dir: join(dir, "none"), name: "test" }), 0);
    assert.equal(existsSync(join(dir, "none")), false);
  });

  const toolchain = { paths: {} } as Toolchain; // not used

  it("refuses to start after it was moved, because its keys refer to the old folder", async () => {
    mkdirSync(join(dir, "kwok"), { recursive: true });
    writeFileSync(
      join(dir, "kwok", "test-made.json"),
      JSON.stringify({ workdir: "/before", port: 1, objects: "" }),
    );
    await assert.rejects(startControlPlane({ dir, name: "test", toolchain }), (error) => {
      assert.ok(error instanceof ToolError);
      return /was created in \/before/.test(error.message) && /make down/.test(error.message);
    });
  });

  it("refuses a port that is in use, before it creates anything", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.on("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : assert.fail("no port");
    try {
      await assert.rejects(
        startControlPlane({ dir, name: "test", toolchain, port }),
        /port \d+ .* is in use/,
      );
      assert.equal(existsSync(join(dir, "kwok")), false);
    } finally {
      server.close();
    }
  });
});

describe("ports", () => {
  it("are distinct, free, and below the ephemeral range", async () => {
    const ports = await freePorts(20);
    assert.equal(new Set(ports).size, 20);
    assert.ok(ports.every((port) => port >= 20_000 && port < 32_000));
    assert.deepEqual(
      await Promise.all(ports.map(isFree)),
      ports.map(() => true),
    );
  });
});

describe("the kubeconfig", () => {
  it("embeds its credentials, under one name", () => {
    const file = join(mkdtempSync(join(tmpdir(), "pem-")), "x.pem");
    writeFileSync(file, "PEM");
    const text = kubeconfig(
      "ralph-local",
      { server: "https://127.0.0.1:1", certificateAuthority: file, clientCertificate: file, clientKey: file },
      "ralph",
    );
    assert.deepEqual(JSON.parse(text), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "ralph-local",
      contexts: [
        { name: "ralph-local", context: { cluster: "ralph-local", user: "ralph-local", namespace: "ralph" } },
      ],
      clusters: [
        {
          name: "ralph-local",
          cluster: { server: "https://127.0.0.1:1", "certificate-authority-data": "UEVN" },
        },
      ],
      users: [
        { name: "ralph-local", user: { "client-certificate-data": "UEVN", "client-key-data": "UEVN" } },
      ],
    });
    rmSync(file);
  });
});
