/**
 * Proves that a wrong configuration is refused as a whole: one `pulumi.RunError` with exactly the violations
 * of test/support/bad-configs.ts, nothing registered, no secret printed; and that what an error tells to do,
 * done, mends it.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { BAD_CONFIGS, type BadConfig } from "../support/bad-configs";
import { runStack, type StackConfig } from "../support/stack";

describe("a bad configuration", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-config-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  for (const bad of BAD_CONFIGS) {
    it(`is refused: ${bad.name}`, async () => {
      const config = withValuesFile(bad, folder);
      const error = await refusal(config, bad.secretKeys);
      const lines = parse(error.message);
      const told = lines.map(({ key }) => key).sort();
      assert.deepEqual(told, bad.expected.map(({ key }) => key).sort(), error.message);
      for (const { key, rule, fix } of bad.expected) {
        assert.ok(
          lines.some((line) => line.key === key && rule.test(line.rule) && fix.test(line.fix)),
          `${key}  ${rule}  ${fix}\nis not told by\n${error.message}`,
        );
      }
      assert.doesNotMatch(error.message, /canary/);
    });
  }
});

/** Runs the program, which must refuse the configuration. `runStack` itself asserts that nothing was registered. */
async function refusal(config: StackConfig, secretKeys?: readonly string[]): Promise<Error> {
  try {
    await runStack({ config, secretKeys });
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error;
  }
  return assert.fail("the configuration was accepted");
}

function withValuesFile({ config, valuesFile }: BadConfig, folder: string): StackConfig {
  if (valuesFile === undefined) return config;
  const file = path.join(folder, "values.yaml");
  fs.writeFileSync(file, valuesFile);
  return { ...config, valuesFile: file };
}

/** The table of a report, by its columns. */
function parse(message: string): { key: string; rule: string; fix: string }[] {
  const [head = "", ...lines] = message.split("\n");
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  assert.equal(head, `${count} in the configuration of stack test; nothing was changed.`);
  return lines.map((line) => {
    const [, key = "", rule = "", fix = ""] =
      /^ {2}(\S+) {2,}(.*?) {2,}((?:pulumi|edit) .*)$/.exec(line) ?? [];
    return { key, rule, fix };
  });
}
