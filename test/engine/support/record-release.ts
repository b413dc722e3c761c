/**
 * Not a test: `npm run record-release` runs it. Brings each stack up, writes what test/engine/upgrade.test.ts
 * previews from then on, and destroys the stack. Refuses if the version has a record already, because a released
 * state never changes.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../../lib/repository";
import { createCloudClasses } from "./cloud-classes";
import { changes } from "./events";
import { kubectl } from "./kubectl";
import { fresh, record, RELEASES, STACKS } from "./release";
import type { Values } from "./stack";

const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as { version: string };

describe(`release ${version}`, () => {
  before(async () => {
    await createCloudClasses();
    // AKS labels the nodes like this, and its stack schedules its pods there.
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
        // The original state is back after the recording: nothing is left to do.
        const preview = await stack.preview();
        assert.deepEqual([preview.code, changes(preview.operations)], [0, []], preview.stdout);
      } finally {
        // Cloud clusters are protected by default.
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
