/**
 * Proves that the commands around `pulumi up`, and what runs on the user's own machine, name no cloud: what they must
 * know of one is in its folder, clusters/<cloud>/operations.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { CLOUDS } from "../../clusters";
import { ownClouds } from "../../clusters/operations";
import { REPOSITORY } from "../../lib/repository";

/** Every cloud's name, provider and domains, and what its vendor and the vendor's programs are called. */
const NAMES = new RegExp(
  [
    ...CLOUDS.filter((name) => name !== "existing").map((name) => `\\b${name}\\b`),
    ...ownClouds().map(([, { provider }]) => `\\b${provider}\\b`),
    ...["google", "gcloud", "amazon", "azure", "\\baz\\b", "kubelogin"],
  ].join("|"),
  "i",
);

/** Sums of Go modules, which are not ours to name. */
const NOT_OURS = /\/go\//;

/** Lines of a text that name a cloud. */
const naming = (text: string): string[] => text.split("\n").filter((line) => NAMES.test(line));

for (const room of ["operations", "local"]) {
  describe(`${room}/`, () => {
    const files = readdirSync(join(REPOSITORY, room), { recursive: true, encoding: "utf8" })
      .map((file) => join(room, file))
      .filter((file) => /\.(ts|js|ya?ml|sh)$/.test(file) && !NOT_OURS.test(file));

    it("names no cloud", () => {
      assert.ok(files.length > 10);
      const found = files.flatMap((file) =>
        naming(readFileSync(join(REPOSITORY, file), "utf8")).map((line) => `${file}: ${line.trim()}`),
      );
      assert.deepEqual(found, []);
    });
  });
}

describe("a cloud's name", () => {
  it("is found wherever it stands", () => {
    for (const line of [
      'name === "gke"',
      "aws:region",
      "// On Azure",
      "pd.csi.storage.gke.io",
      "gcloud auth login",
    ])
      assert.deepEqual(naming(`a\n${line}\nb`), [line]);
    assert.deepEqual(naming("findLeaks(place)\nhaystack\nlazy"), []);
  });
});
