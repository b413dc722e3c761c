/**
 * The judges are judged: of a whole stack per cloud, each name and each value is changed to a wrong one, and the
 * judges must notice at least the share stated here. Not proven: that a noticed value is what the API wants.
 */
import assert from "node:assert/strict";

import * as aks from "../support/aks";
import * as gke from "../support/gke";
import type { StackRun } from "../support/stack";
import type { Subject } from "./finding";
import { judge } from "./index";
import { MISSING, present } from "./models";
import { score, type Score } from "./mutants";

const of = ({ resources }: StackRun, prefix: RegExp): Subject[] =>
  resources.filter(({ type }) => prefix.test(type));

function atLeast(actual: Score, keys: number, values: number): void {
  const text = `${actual.keys.seen}/${actual.keys.of} keys, ${actual.values.seen}/${actual.values.of} values`;
  assert.ok(
    actual.keys.seen / actual.keys.of >= keys && actual.values.seen / actual.values.of >= values,
    `${text}; missed:\n${actual.missed.join("\n")}`,
  );
}

describe("the vendors' API models", () => {
  it("are on this machine", () => assert.ok(present(), MISSING));

  it("know a wrong name and a wrong value on GKE", async () => {
    const run = await gke.run();
    atLeast(score(of(run, /^gcp:/), run.computed), 0.98, 0.94);
  });

  it("know a wrong name and a wrong value on AKS", async () => {
    const restore = aks.onlyPrograms("kubelogin");
    try {
      const run = await aks.run(aks.EVERYTHING);
      atLeast(score(of(run, /^azure-native:/), run.computed), 0.98, 0.6);
    } finally {
      restore();
    }
  });

  it("report a type without a row", () =>
    assert.deepEqual(judge([{ type: "gcp:sql/database:Database", inputs: {} }]), [
      "gcp:sql/database:Database : has no row in test/judges/google.ts",
    ]));
});
