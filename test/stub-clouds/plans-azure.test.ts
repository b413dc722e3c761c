/**
 * Proves that the rows of Azure plan a replacement exactly where the real provider does, for every value that the
 * program sends and for every property that the provider lists. The list was read from the provider's source.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { changesOf } from "../../stub-clouds/diff";
import { tableOf } from "../../stub-clouds/tables";
import type { Values } from "../../stub-clouds/types";
import { EVERYTHING, onlyPrograms, run } from "../support/aks";

const { source, ...recorded } = JSON.parse(
  readFileSync(join(__dirname, "recorded", "azure-forcenew.json"), "utf8"),
) as { source: string } & Record<string, readonly string[]>;

/** Parts of a resource's path in the API: the provider replaces it for any of them, and lists none. */
const IN_PATH = ["resourceName", "resourceGroupName", "roleAssignmentName"];

/** Paths of the innermost values. */
const leaves = (value: unknown, path: readonly string[] = []): string[][] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
    : [[...path]];

/** A copy with another value at a path. */
const changed = (value: unknown, [key, ...rest]: readonly string[]): unknown => {
  if (key === undefined) return "changed";
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = changed(copy[key], rest);
  return copy;
};

describe("the plans of Azure's provider", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

  for (const [token, list] of Object.entries(recorded)) {
    const replaceOn = tableOf("azure-native").resources[token]?.replaceOn ?? [];
    const replaces = (inputs: Values, path: readonly string[]): boolean =>
      changesOf(inputs, changed(inputs, path) as Values, replaceOn).some((change) => change.replaces);

    it(`replace a ${token.split(":").at(-1)} for the same properties as the stub's: ${source}`, async () => {
      const { ofType } = await run(EVERYTHING);
      const inputs = (ofType(token)[0]?.inputs ?? assert.fail(`no ${token}`)) as Values;
      const paths = [...leaves(inputs), ...list.map((path) => path.split("."))];
      const listed = (path: readonly string[]) =>
        [...IN_PATH, ...list].some((each) => `${path.join(".")}.`.startsWith(`${each}.`));
      assert.deepEqual(
        paths.filter((path) => replaces(inputs, path) !== listed(path)).map((path) => path.join(".")),
        [],
      );
    });
  }
});
