/**
 * Proves that docs/deviations.md is complete and correct: every field in which the server's object after `pulumi
 * up` differs from the guide's manifest, as this server would store it, is in exactly one row of its first table,
 * and every row describes a real difference. The same for the defaults and the guide's values.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { sections } from "../../stack";
import { REPOSITORY } from "../../lib/repository";
import { guideObjects } from "./support/guide";
import { kubectl } from "./support/kubectl";
import { meaning } from "./support/normal";
import { differingPaths, leaves, matchesPattern } from "./support/paths";
import { Stack } from "./support/stack";

/** Where the server validates the guide's objects; it accepts any pod, as the guide's namespace does. */
const SCRATCH = "guide";
/** Stands in for a path if one side has no such object. */
const WHOLE = "whole object";
const VALUES = "values.yaml";

interface Difference {
  readonly object: string;
  readonly field: string;
}

interface Row {
  readonly line: number;
  readonly objects: readonly string[];
  readonly fields: readonly string[];
}

describe("docs/deviations.md", () => {
  let stack: Stack | undefined;
  let found: Difference[];
  const rows = readRows(readFileSync(join(REPOSITORY, "docs", "deviations.md"), "utf8"));

  before(async () => {
    await kubectl("create", "namespace", SCRATCH);
    const guide = await guideObjects(SCRATCH);
    stack = await Stack.create({
      namespace: "ralph-orchestrator",
      config: {
        apiKeys: undefined,
        imagePullSecrets: [{ name: "regcred", server: "ghcr.io", username: "USERNAME" }],
      },
    });
    await stack.setSecret("imagePullSecrets[0].password", "TOKEN");
    await stack.setSecret("apiKeys.claude", "sk-ant-...");
    await stack.setSecret("apiKeys.gemini", "AIza...");
    await stack.setSecret("apiKeys.q", "...");
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);

    const here = new Map(
      [...(await meaning("ralph-orchestrator"))].map(([key, object]) => [key, leaves(object)]),
    );
    found = [...new Set([...guide.keys(), ...here.keys()])].flatMap((object) => {
      const [there, ours] = [guide.get(object), here.get(object)];
      const fields = there === undefined || ours === undefined ? [WHOLE] : differingPaths(there, ours);
      return fields.map((field) => ({ object, field }));
    });
    found.push(...valueDifferences());
  });

  after(async () => {
    await stack?.remove();
    await kubectl("delete", "namespace", SCRATCH, "--wait=false");
  });

  it("has exactly one row for each difference, and no other row", () => {
    assert.ok(found.length > 200, `only ${found.length} differences`);
    assert.deepEqual(faults(rows, found), []);
  });

  it("would not pass with an undocumented difference, a duplicate row or an obsolete row", () => {
    const row = (line: number, object: string, field: string): Row => ({
      line,
      objects: [object],
      fields: [field],
    });
    const table = [row(1, "Job/*", "spec.**"), row(2, "*/*", "metadata.labels[*]")];
    const differences = [
      { object: "Job/a", field: "spec.template.spec.containers[ralph].image" },
      { object: "Role/b", field: "metadata.labels[c]" },
    ];
    assert.deepEqual(faults(table, differences), []);
    assert.deepEqual(faults(table, [...differences, { object: "Role/b", field: "rules[0]" }]), [
      "Role/b rules[0]: rows none",
    ]);
    assert.deepEqual(faults([...table, row(3, "Role/b", "**")], differences), [
      "Role/b metadata.labels[c]: rows 2, 3",
    ]);
    assert.deepEqual(faults([...table, row(3, "Role/d", "**")], differences), [
      "line 3: no difference of Role/d",
      "line 3: no difference at **",
    ]);
  });
});

/** Keys of the guide's values file whose value differs from this program's default. */
function valueDifferences(): Difference[] {
  const guide = parse(readFileSync(join(REPOSITORY, "test", "support", VALUES), "utf8")) as Record<
    string,
    unknown
  >;
  const defaults = Object.fromEntries(
    Object.keys(guide).map((key) => [key, sections[key as "replicaCount"].parse(undefined)]),
  );
  const there = leaves(guide);
  return differingPaths(there, leaves(defaults))
    .filter((field) => there.has(field))
    .map((field) => ({ object: VALUES, field }));
}

/** The rows of the table under the heading `Objects`. */
function readRows(text: string): Row[] {
  const spans = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  const lines = text.split("\n");
  const from = lines.indexOf("## Objects");
  const to = lines.findIndex((line, i) => i > from && line.startsWith("## "));
  return lines.slice(from, to).flatMap((line, i) => {
    const [, objects, fields] = line.split("|");
    return line.startsWith("| `")
      ? [{ line: from + i + 1, objects: spans(objects), fields: spans(fields) }]
      : [];
  });
}

/** Differences without a row or with two, and patterns of a row that match no difference. */
function faults(rows: readonly Row[], found: readonly Difference[]): string[] {
  const covers = ({ objects, fields }: Row, { object, field }: Difference) =>
    objects.some((pattern) => matchesPattern(pattern, object)) &&
    fields.some((pattern) => matchesPattern(pattern, field));
  const uncovered = found.flatMap((difference) => {
    const lines = rows.filter((row) => covers(row, difference)).map(({ line }) => line);
    return lines.length === 1
      ? []
      : [`${difference.object} ${difference.field}: rows ${lines.join(", ") || "none"}`];
  });
  const stale = rows.flatMap((row) => [
    ...row.objects
      .filter((objects) => !found.some((each) => covers({ ...row, objects: [objects] }, each)))
      .map((object) => `line ${row.line}: no difference of ${object}`),
    ...row.fields
      .filter((field) => !found.some((each) => covers({ ...row, fields: [field] }, each)))
      .map((field) => `line ${row.line}: no difference at ${field}`),
  ]);
  return [...uncovered, ...stale];
}
