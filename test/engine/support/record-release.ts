/**
 * No test: `npm run record-release` runs it. Brings each stack up, writes what test/engine/upgrade.test.ts will
 * preview from then on, and takes it down. Says no where the version has a record: what users have is not
 * ours to change.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../../tools/engine";
import { changes } from "./events";
import { fixture } from "./fixture";
import { kubectl } from "./kubectl";
import { fresh, record, RELEASES, STACKS } from "./release";
import type { Values } from "./stack";

const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as { version: string };

/** Classes that come with a cloud's cluster; here the simulated driver answers. */
const CLASSES: Readonly<Record<string, string>> = {
  "standard-rwo": "pd.csi.storage.gke.io",
  "managed-csi": "disk.csi.azure.com",
};

describe(`release ${version}`, () => {
  before(async () => {
    const file = join(fixture().dir, "classes.json");
    const items = Object.entries(CLASSES).map(([name, provisioner]) => ({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name },
      provisioner,
      volumeBindingMode: "WaitForFirstConsumer",
    }));
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await kubectl("apply", "-f", file);
    // As AKS labels the nodes that its stack wants its pods on.
    await kubectl("label", "nodes", "--all", "kubernetes.azure.com/scalesetpriority=spot");
  });

  for (const name of Object.keys(STACKS)) {
    it(`is recorded: ${name}`, async () => {
      const folder = join(RELEASES, version);
      assert.ok(
        !existsSync(join(folder, `${name}.json`)),
        `${version} is recorded: raise the version in package.json`,
      );
      mkdirSync(folder, { recursive: true });
      const stack = await fresh(name);
      try {
        const up = await stack.up();
        assert.equal(up.code, 0, up.stdout + up.stderr);
        await record(stack, { version, name });
        // It is whole again after the record: what is up is what is known.
        const preview = await stack.preview();
        assert.deepEqual([preview.code, changes(preview.operations)], [0, []], preview.stdout);
      } finally {
        // The clusters of clouds are protected unless the configuration says otherwise.
        if (stack.clouds !== undefined) {
          const cluster = stack.configured("cluster") as Values;
          stack.configure({ cluster: { ...cluster, deletionProtection: false } });
          await stack.up();
        }
        await stack.remove();
      }
    });
  }
});
