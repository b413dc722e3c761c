/**
 * Proves that a wrong configuration is rejected as a whole: one `pulumi.RunError` with exactly the problems of
 * test/support/bad-configs, nothing registered, no secret printed; and that each command that a problem offers fixes
 * it.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { readConfig } from "../../stack";
import { BAD_CONFIGS, type BadConfig } from "../support/bad-configs";
import { EXPOSED } from "../support/bad-configs/exposed";
import { BASE, runStack, type StackConfig } from "../support/stack";

describe("a bad configuration", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-config-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  it("has the credentials of a cloud in plain text", async () => {
    const foreign = {
      "aws:secretKey": "canary",
      "aws:region": "us-west-2",
      "gcp:credentials": "key.json",
      "azure-native:clientSecret": "",
    };
    await assert.rejects(runStack({ config: BASE, foreign }), (error: Error) => {
      assert.deepEqual(parse(error.message), [
        {
          key: "aws:secretKey",
          rule: "is a secret stored in plain text in the stack file",
          fix: "pulumi config set --secret aws:secretKey",
        },
      ]);
      return true;
    });
  });

  for (const bad of [...BAD_CONFIGS, ...EXPOSED]) {
    it(`is rejected: ${bad.name}`, async () => {
      const config = withValuesFile(bad, folder);
      const error = await refusal(config, bad.secretKeys);
      const lines = parse(error.message);
      const keys = lines.map(({ key }) => key).sort();
      assert.deepEqual(keys, bad.expected.map(({ key }) => key).sort(), error.message);
      for (const { key, rule, fix } of bad.expected) {
        assert.ok(
          lines.some((line) => line.key === key && rule.test(line.rule) && fix.test(line.fix)),
          `${key}  ${rule}  ${fix}\nis not reported by\n${error.message}`,
        );
      }
      assert.doesNotMatch(error.message, /canary/);

      for (const { key, rule, fix } of lines) {
        const { config: fixed, done } = follow(config, fix);
        if (!done) continue;
        const left = await problems(fixed, bad.secretKeys);
        assert.ok(!left.some((line) => line.key === key && line.rule === rule), `${fix} does not fix ${key}`);
      }
    });
  }

  describe("with a key in plain text beside an encrypted one", () => {
    const secure = { secure: "v1:nonce:text" };
    const config = {
      ...BASE,
      apiKeys: { claude: "sk-canary", gemini: "AIza-canary" },
      imagePullSecrets: ["a", "b"].map((name) => ({
        name,
        server: "ghcr.io",
        username: "u",
        password: "canary",
      })),
    };
    const TABLE: [what: string, written: object | undefined, expected: string[]][] = [
      [
        "is found in the stack file",
        { apiKeys: { claude: "sk-canary", gemini: secure } },
        ["ralph:apiKeys.claude"],
      ],
      [
        "is found in a list of it",
        { imagePullSecrets: [{ password: secure }, { password: "canary" }] },
        ["ralph:imagePullSecrets[1].password"],
      ],
      ["is not confused with one that is encrypted too", { apiKeys: { claude: secure, gemini: secure } }, []],
      ["is not confused with one of a section that is encrypted as a whole", { apiKeys: secure }, []],
      ["cannot be known without the file", undefined, []],
    ];
    afterEach(() => delete process.env.PULUMI_OPTION_CONFIG_FILE);
    for (const [what, written, expected] of TABLE) {
      it(what, async () => {
        const file = path.join(folder, `Pulumi.${what.length}.yaml`);
        const keys = Object.entries(written ?? {}).map(([key, value]) => [`ralph:${key}`, value] as const);
        if (written !== undefined) fs.writeFileSync(file, stringify({ config: Object.fromEntries(keys) }));
        process.env.PULUMI_OPTION_CONFIG_FILE = file;
        const lines = await problems(config);
        assert.deepEqual(
          lines.map(({ key }) => key),
          expected,
        );
        assert.ok(lines.every(({ rule }) => rule === "is a secret stored in plain text in the stack file"));
      });
    }
  });
});

/**
 * Does what `pulumi config` would do, for the commands that contain a value, so that no fix sets a value that is rejected
 * as well.
 */
function follow(config: StackConfig, fix: string): { config: StackConfig; done: boolean } {
  const after = structuredClone(config) as Record<string, unknown>;
  const [, verb, path_, key = "", value] =
    /^pulumi config (set|rm) (?:--type string )?(--path )?'?ralph:(\S+?)'?(?: ([^<>]+))?$/.exec(fix) ?? [];
  if (verb === undefined || (verb === "set" && value === undefined)) return { config, done: false };
  const steps = path_ === undefined ? [key] : stepsOf(key);
  const last = steps.pop() as string | number;
  let inside = after as Record<string | number, unknown>;
  for (const [i, step] of steps.entries()) {
    inside[step] ??= typeof (steps[i + 1] ?? last) === "number" ? [] : {};
    inside = inside[step] as typeof inside;
  }
  if (verb === "set")
    inside[last] =
      path_ !== undefined && /^\d+$/.test(value ?? "") && !fix.includes("--type") ? Number(value) : value;
  else if (Array.isArray(inside)) inside.splice(Number(last), 1);
  else Reflect.deleteProperty(inside, last);
  return { config: after, done: true };
}

const stepsOf = (key: string): (string | number)[] =>
  [...key.matchAll(/\[(\d+)\]|\["(.+?)"\]|([^.[]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? ((quoted ?? name) as string) : Number(index),
  );

/** Runs the program, which must reject the configuration. `runStack` itself asserts that nothing was registered. */
async function refusal(config: StackConfig, secretKeys?: readonly string[]): Promise<Error> {
  try {
    await runStack({ config, secretKeys });
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error;
  }
  return assert.fail("the configuration was accepted");
}

async function problems(config: StackConfig, secretKeys?: readonly string[]): Promise<Line[]> {
  try {
    // Only the configuration is read: what is accepted need not be created.
    await runStack({ config, secretKeys, program: () => ({ cloud: readConfig().cloud }) });
    return [];
  } catch (error) {
    return parse((error as Error).message);
  }
}

interface Line {
  readonly key: string;
  readonly rule: string;
  readonly fix: string;
}

function withValuesFile({ config, valuesFile }: BadConfig, folder: string): StackConfig {
  if (valuesFile === undefined) return config;
  const file = path.join(folder, "values.yaml");
  fs.writeFileSync(file, valuesFile);
  return { ...config, valuesFile: file };
}

/** The lines of a report, by their columns. */
function parse(message: string): Line[] {
  const [head = "", ...lines] = message.split("\n");
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  assert.equal(head, `${count} in the configuration of stack test; nothing was changed.`);
  return lines.map((line) => {
    const [, key = "", rule = "", fix = ""] =
      /^ {2}(\S+) {2,}(.*?) {2,}((?:pulumi|edit) .*)$/.exec(line) ?? [];
    return { key, rule, fix };
  });
}
