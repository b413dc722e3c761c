/**
 * No test: `npm run record-release` runs it. Brings each stack up, writes what test/engine/upgrade.test.ts will
 * preview from then on, and takes it down. Says no where the version has a record: what users have is not
 * ours to change.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../../lib/repository";
import { bringCloudClasses } from "./cloud-classes";
import { changes } from "./events";
import { kubectl } from "./kubectl";
import { fresh, record, RELEASES, STACKS } from "./release";
import type { Values } from "./stack";

const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as { version: string };

describe(`release ${version}`, () => {
  before(async () => {
    await bringCloudClasses();
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
