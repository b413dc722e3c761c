/**
 * Proves that a stub plugin is a program as the engine expects it, in a folder that the engine searches: its first
 * line is a port, on which it reports the SDK's version, and it does not outlive a killed engine.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { pause } from "../../lib/process";
import { installStubClouds } from "../../stub-clouds/install";
import { PLUGINS } from "../../stub-clouds/types";

describe("a stub plugin", () => {
  const dir = mkdtempSync(join(tmpdir(), "plugins-"));
  const engines: ChildProcess[] = [];
  before(() => installStubClouds(dir, { dir: join(dir, "world") }));
  after(() => {
    for (const engine of engines) engine.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  });

  /** Starts a plugin below a shell in place of the engine; returns its process id and its first line. */
  async function begin(
    plugin: string,
    version: string,
  ): Promise<{ engine: ChildProcess; pid: number; port: string }> {
    const program = join(dir, "plugins", `resource-${plugin}-v${version}`, `pulumi-resource-${plugin}`);
    const engine = spawn("/bin/sh", ["-c", '"$0" 127.0.0.1:1 & echo $!; wait', program]);
    engines.push(engine);
    let text = "";
    for await (const chunk of engine.stdout) {
      text += String(chunk);
      const [pid, port] = text.split("\n");
      if (text.split("\n").length > 2) return { engine, pid: Number(pid), port: String(port) };
    }
    throw new Error(`${plugin} ended: ${text}`);
  }

  for (const plugin of [...PLUGINS, "eks"] as const) {
    it(`${plugin}: serves the version of the SDK, and ends with its engine`, async () => {
      const { version } = createRequire(__filename)(`@pulumi/${plugin}/package.json`) as { version: string };
      const { engine, pid, port } = await begin(plugin, version);
      assert.match(port, /^\d+$/);
      const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
      const info = await new Promise<PluginInfo>((resolve, reject) =>
        client.getPluginInfo(new Empty(), (error: ServiceError | null, answer: PluginInfo) =>
          error === null ? resolve(answer) : reject(error),
        ),
      );
      client.close();
      assert.equal(info.getVersion(), version);

      engine.kill("SIGKILL");
      for (const end = Date.now() + 10_000; isAlive(pid); await pause(50)) {
        assert.ok(Date.now() < end, `process ${pid} is left`);
      }
    });
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
