/** Proves that docs/runner.md has every variable, flag, default, agent and exit code of the runner. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type Agent, type AgentName, AGENTS, ENDS, reportsCosts, VARIABLES } from "../../runner/src/contract";
import { USAGE } from "../../runner/src/settings";
import { REPOSITORY } from "../../lib/repository";

const text = readFileSync(join(REPOSITORY, "docs", "runner.md"), "utf8");
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("docs/runner.md", () => {
  it("has each variable with its flag and default, and so has the usage", () => {
    for (const [variable, described] of Object.entries(VARIABLES)) {
      const { flag, default: value }: { flag?: string; default: unknown } = described;
      const shown = value === undefined ? "none" : String(value);
      const row = rows.find(([cell]) => cell === `\`${variable}\``) ?? assert.fail(variable);
      assert.deepEqual(row.slice(1, 3), [flag === undefined ? "" : `\`--${flag}=\``, shown]);
      assert.match(USAGE, new RegExp(`^  ${variable} .*\\(${shown}\\)$`, "m"));
    }
  });

  it("has each agent, with its program, credentials and flag for a model", () => {
    const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
    for (const [name, agent] of Object.entries(AGENTS) as [AgentName, Agent][]) {
      const { program, key, credentials, vendorKeys = [], identities, modelFlag } = agent;
      const passedAs = key === undefined || key.passedAs === key.variable ? [] : [key.passedAs];
      assert.deepEqual(
        rows.find(([cell, second]) => cell === `\`${name}\`` && second === `\`${program}\``)?.slice(1),
        [
          code([program]),
          code(key === undefined ? [] : [key.variable]),
          code(modelFlag === undefined ? [] : [modelFlag]),
          code([...passedAs, ...credentials, ...vendorKeys, ...identities]),
          reportsCosts(name) ? "yes" : "no",
        ],
      );
    }
  });

  it("has each exit code, with its effect on a Job", () => {
    const codes = rows
      .filter(([code]) => /^\d+$/.test(code ?? ""))
      .map(([code, when, job]) => [Number(code), when, job?.split(";")[0]]);
    const job = ({ code, retry }: { code: number; retry: boolean }): string =>
      code === 0 ? "completes" : retry ? "is retried" : "fails";
    assert.deepEqual(
      codes,
      Object.values(ENDS).map((end) => [end.code, end.meaning, job(end)]),
    );
  });
});
