/**
 * Proves the configuration and the requirements of a real node without one: paths and names are valid, a machine
 * without root or packages gets all obstacles at once with their fixes, and other processes, mounts and rules are not
 * mistaken for the node's. test/engine/real-node.test.ts runs one.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { containerdConfiguration, networkConfiguration } from "../../local/node/configuration";
import { nodeLayout } from "../../local/node/layout";
import { obstacleMessage } from "../../local/node/node";
import { leftovers } from "../../local/node/processes";
import { inspectMachine, inspectFolder } from "../../local/node/requirements";
import { environment } from "../support/environment";

describe("a real node", () => {
  const layouts = ["/tmp/a", "/tmp/b", "/home/user/src/ralph-on-kubernetes/.local"].map(nodeLayout);

  it("has a separate network in each folder, with a valid interface name", () => {
    const names = layouts.map(({ network }) => network);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.ok(/^[a-z0-9]{1,15}$/.test(name), name);
    for (const layout of layouts) {
      const { bridge, name, ipam } = networkConfiguration(layout) as {
        bridge: string;
        name: string;
        ipam: { dataDir: string; ranges: { subnet: string }[][] };
      };
      assert.deepEqual([bridge, name], [layout.network, layout.network]);
      assert.ok(ipam.dataDir.startsWith(layout.dir));
      assert.match(ipam.ranges[0]?.[0]?.subnet ?? "", /^10\.231\.\d{1,3}\.0\/24$/);
    }
  });

  it("keeps every path of containerd below its folder", () => {
    for (const layout of layouts) {
      const paths = [...containerdConfiguration(layout, "/usr/lib/cni").matchAll(/= "(\/[^"]*)"/g)].map(
        ([, path]) => path,
      );
      assert.ok(paths.length >= 5);
      assert.deepEqual(
        paths.filter((path) => path !== "/usr/lib/cni" && path?.startsWith(`${layout.dir}/`) !== true),
        [],
      );
    }
  });

  it("is refused in a folder in which its socket's path would be too long", () => {
    const problems = (folder: string): string[] =>
      inspectFolder(nodeLayout(folder)).map(({ problem }) => problem);
    const long = problems(`/${"long/".repeat(20)}`);
    assert.equal(long.filter((text) => /^the socket path .* is longer than 107 bytes/.test(text)).length, 1);
    assert.deepEqual(
      problems("/tmp/a").filter((text) => text.includes("socket")),
      [],
    );
  });

  it("is refused on a machine without its programs, all at once, with the command that installs them", function () {
    if (process.platform !== "linux") return this.skip();
    const empty = mkdtempSync(join(tmpdir(), "ralph-node-"));
    const { PATH } = process.env;
    process.env.PATH = empty;
    try {
      const found = inspectMachine();
      if ("programs" in found) throw new Error("it was not refused");
      const message = obstacleMessage(found);
      assert.match(message, /^this machine cannot be a node yet \(\d\); nothing was changed\.$/m);
      for (const name of ["containerd", "runc", "iptables", "buildah", "debootstrap", "iproute2"]) {
        assert.match(message, new RegExp(`apt-get install --no-install-recommends .*\\b${name}\\b`));
      }
      assert.match(message, /Without NODE=real the nodes are simulated/);
    } finally {
      process.env.PATH = PATH;
      rmSync(empty, { recursive: true });
    }
  });

  it("is refused beside an older control plane", () => {
    const restore = environment();
    process.env.RALPH_KUBERNETES = "1.31";
    try {
      const found = inspectMachine();
      if ("programs" in found) throw new Error("it was not refused");
      assert.ok(
        found.some(
          ({ problem, fix }) => /newer than its API server/.test(problem) && /RALPH_/.test(fix ?? ""),
        ),
      );
    } finally {
      restore();
    }
  });

  it("that never existed has no leftovers, whatever else runs here", () => {
    assert.deepEqual(leftovers(nodeLayout("/tmp/ralph-node-that-never-was")), []);
  });
});
