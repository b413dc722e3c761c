/**
 * Proves that the stand-in for gcloud reads filters as gcloud 578 does (googlecloudsdk/core/resource/resource_filter.py):
 * above all that an unquoted parenthesis ends a value, which once hid every firewall rule from `leaks`.
 */
import assert from "node:assert/strict";
import { parseFilter } from "../../stub-clouds/vendor/gcloud-filter";

const RULES = ["k8s-fw-a1b2", "gke-ralph-cluster-12ab-all", "allow-ssh"].map((name) => ({
  name,
  network: "https://www.googleapis.com/compute/v1/projects/acme/global/networks/ralph-cluster",
  labels: { stack: "dev", "goog-k8s-cluster-name": "ralph-cluster" },
}));

const CASES: readonly (readonly [filter: string, names: readonly number[]])[] = [
  ["", [0, 1, 2]],
  ["network~/ralph-cluster$", [0, 1, 2]],
  ["network~/ralph-cluster$ AND name~^(k8s|gke)-", []],
  ['network~/ralph-cluster$ AND name~"^(k8s|gke)-"', [0, 1]],
  ["name=allow-ssh", [2]],
  ["name~^allow", [2]],
  ["name!~^allow labels.stack=dev", [0, 1]],
  ["labels.goog-k8s-cluster-name=ralph-cluster AND NOT name=allow-ssh", [0, 1]],
  ["(name=allow-ssh OR name=k8s-fw-a1b2) AND labels.stack:DEV", [0, 2]],
  ["fw", [0]],
  ["-name=allow-ssh", [0, 1]],
  ["labels.none=x", []],
];

describe("the filters of the stand-in for gcloud", () => {
  for (const [filter, wanted] of CASES)
    it(`select by: ${filter === "" ? "nothing" : filter}`, () => {
      const matches = parseFilter(filter);
      assert.deepEqual(
        RULES.flatMap((rule, i) => (matches(rule) ? [i] : [])),
        wanted,
      );
    });

  it("compare by whole words where the API does", () => {
    const names = ["ralph-cluster", "ralph-cluster-2", "dev-ralph-cluster", "ralph-clusters"];
    const matching = (filter: string): string[] =>
      names.filter((name) => parseFilter(filter, ["name"])({ name }));
    assert.deepEqual(matching("name=ralph-cluster"), names.slice(0, 3));
    assert.deepEqual(matching("name~^ralph-cluster$"), names.slice(0, 1));
  });

  it("are refused if they are no filter", () => {
    for (const filter of ["(name=a", "name=a)"]) assert.throws(() => parseFilter(filter), SyntaxError);
  });
});
