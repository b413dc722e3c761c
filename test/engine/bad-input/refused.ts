import assert from "node:assert/strict";
import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import type { Path } from "../../../config/path";
import { SECRETS } from "../../../stack/secrets";
import { REPOSITORY } from "../../../lib/repository";
import { run, type RunResult } from "../../../lib/process";
import { LOCAL_STACK } from "../../../local/stacks";
import { type BadConfig, SECRET_KEYS } from "../../support/bad-configs";
import { auditEntries, auditMark, byProvider, isWrite } from "../support/audit";
import { fixture } from "../support/fixture";
import { Stack } from "../support/stack";

/** The engine passes a stack's configuration to the program as one argument, which Linux limits to 128 KiB. */
const LONGEST = 128 * 1024;
/** Number of concurrent commands: an engine run spends most of its time waiting for its program. */
const AT_ONCE = 2;
/** Every n-th of them is also tried with `up`. */
const UP_EACH = 12;

interface Declared {
  readonly config: Readonly<Record<string, { readonly type: string } | undefined>>;
}

/** Each of these configurations is refused by the engine, as the user sees it, and changes nothing. */
export function areRefused(configs: readonly BadConfig[]): void {
  let stack: Stack;
  let mark: number;
  const outcomes = new Map<BadConfig, RunResult>();

  before(async function () {
    this.timeout(900_000);
    stack = await Stack.create({ namespace: "refused" });
    mark = auditMark();
    const waiting = [...configs.entries()];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [i, bad] = next;
          outcomes.set(bad, await engine("preview", stackFile(bad, i)));
        }
      }),
    );
  });
  after(() => stack.remove());

  for (const bad of configs) {
    it(`is rejected: ${bad.name}`, () => {
      const { code, stdout, stderr } = outcomes.get(bad) as RunResult;
      const output = stdout + stderr;
      assert.notEqual(code, 0, output);
      assert.doesNotMatch(output, /^\s+at .*[:)]\d/m, "a stack trace");
      assert.doesNotMatch(output, /canary/, "a secret");

      const byEngine = wrongTypes(bad);
      if (byEngine.length > 0) {
        // The engine reports only one of them.
        assert.match(
          output,
          new RegExp(`configuration key '(${byEngine.join("|")})' must be of type 'object'`),
        );
        return;
      }
      if (isTooLong(bad)) {
        assert.match(output, /argument list too long/);
        return;
      }
      const lines = reported(output);
      assert.equal(lines.length, bad.expected.length, output);
      for (const { key, rule, fix } of bad.expected) {
        assert.ok(
          lines.some((line) => line.key === key && rule.test(line.rule) && fix.test(line.fix)),
          `${key}  ${rule}  ${fix}\nis not reported by\n${output}`,
        );
      }
    });
  }

  it("is rejected: a plain-text key beside an encrypted one", async () => {
    const apiKeys = { ...(stack.configured("apiKeys") as object), gemini: "AIza-canary" };
    const { code, stdout, stderr } = await stack.configuredAs({ apiKeys }, () => stack.preview());
    assert.notEqual(code, 0);
    assert.match(
      stdout + stderr,
      /ralph:apiKeys\.gemini +is a secret stored in plain text in the stack file/,
    );
    assert.doesNotMatch(stdout + stderr, /canary/);
  });

  it("is rejected by up as by preview, before anything is created", async () => {
    for (const [i, bad] of [...configs.entries()].filter(([each]) => each % UP_EACH === 0)) {
      const { code, stdout } = await engine("up", stackFile(bad, i), "--yes", "--skip-preview");
      assert.notEqual(code, 0, stdout);
      // A command may name a time from now on.
      const timeless = (text: string): string => text.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "<time>");
      const preview = (outcomes.get(bad) as RunResult).stdout;
      assert.deepEqual(reported(timeless(stdout)), reported(timeless(preview)), bad.name);
    }
    const created = stack.resources.filter(({ type }) => type !== "pulumi:pulumi:Stack");
    assert.deepEqual(created, []);
    assert.deepEqual(
      (await auditEntries(mark)).filter((entry) => byProvider(entry) && isWrite(entry)),
      [],
    );
  });

  function engine(command: string, file: string, ...args: string[]): Promise<RunResult> {
    return run(
      fixture().toolchain.paths.pulumi,
      [command, ...args, "--non-interactive", "--color", "never"],
      { cwd: REPOSITORY, env: { ...stack.env, PULUMI_OPTION_CONFIG_FILE: file }, timeout: 120_000 },
    );
  }

  /** The stack file with this configuration; its secrets are encrypted as the engine encrypts them. */
  function stackFile({ config, secretKeys = SECRET_KEYS, valuesFile }: BadConfig, i: number): string {
    const folder = join(stack.dir, `bad-${i}`);
    mkdirSync(folder, { recursive: true });
    const values = join(folder, "values.yaml");
    if (valuesFile !== undefined) writeFileSync(values, valuesFile);
    const { encryptionsalt } = parse(readFileSync(stack.configFile, "utf8")) as { encryptionsalt: string };
    const entries = Object.entries({ ...config, ...(valuesFile !== undefined && { valuesFile: values }) });
    const file = join(folder, "Pulumi.refused.yaml");
    writeFileSync(
      file,
      stringify({
        encryptionsalt,
        config: Object.fromEntries(
          entries.map(([key, value]) => [
            `ralph:${key}`,
            secretKeys.includes(key) ? encrypted(value, encryptionsalt, [key]) : value,
          ]),
        ),
      }),
    );
    return file;
  }
}

/** The keys of a configuration whose values do not have the type declared in Pulumi.yaml: the engine rejects them. */
export function wrongTypes({ config }: BadConfig): string[] {
  const project = parse(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8")) as Declared;
  const typeOf = (value: unknown) => (Array.isArray(value) ? "array" : typeof value);
  return Object.entries(config)
    .filter(([key, value]) => (project.config[key]?.type ?? typeOf(value)) !== typeOf(value))
    .map(([key]) => key);
}

export const isTooLong = ({ config }: BadConfig): boolean => JSON.stringify(config).length > LONGEST;

/** The lines of the report, in columns: key, rule and fix. */
function reported(output: string): { key: string; rule: string; fix: string }[] {
  const [, indent = "", rows = ""] =
    /^( *)error: \d+ problems? in the configuration .*\n((?:\1 {2}\S.*\n)*)/m.exec(output) ?? [];
  return rows
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => {
      const [key = "", rule = "", fix = ""] = row.slice(indent.length).trim().split(/ {2,}/);
      return { key, rule, fix };
    });
}

let key: Buffer | undefined;

/** The secret part of a value, encrypted as the engine's passphrase provider encrypts it. */
function encrypted(value: unknown, encryptionsalt: string, at: Path): unknown {
  if (Array.isArray(value)) return value.map((entry, i) => encrypted(entry, encryptionsalt, [...at, i]));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, encrypted(inner, encryptionsalt, [...at, name])]),
    );
  }
  const isSecret = !SECRETS.sections.includes(String(at[0])) || SECRETS.isSecretKey(at);
  if (typeof value !== "string" || !isSecret) return value;
  const salt = Buffer.from(encryptionsalt.split(":")[1] as string, "base64");
  key ??= pbkdf2Sync(LOCAL_STACK.passphrase as string, salt, 1_000_000, 32, "sha256");
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return { secure: `v1:${nonce.toString("base64")}:${text.toString("base64")}` };
}
