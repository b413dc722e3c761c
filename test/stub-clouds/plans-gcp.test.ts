/**
 * Proves that the stub of Google Cloud plans an edit of each input that the program registers as the real provider does:
 * in place, or by a replacement. recorded/gcp-diffs.json has the provider's answers and their source.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { changesOf } from "../../stub-clouds/diff";
import { resources } from "../../stub-clouds/gcp/resources";
import type { Values } from "../../stub-clouds/types";

const { diffs } = JSON.parse(readFileSync("test/stub-clouds/recorded/gcp-diffs.json", "utf8")) as {
  readonly diffs: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** `a.0.b` as nested inputs. */
const nested = (path: string, value: string): Values =>
  path
    .split(".")
    .reduceRight<unknown>((inner, key) => (key === "0" ? [inner] : { [key]: inner }), value) as Values;

/** The values of the recorded edits, where they matter. */
const EDITED: Readonly<Record<string, readonly [string, string]>> = {
  ipCidrRange: ["10.0.0.0/20", "10.99.0.0/20"],
};

const plan = (token: string, path: string, [before, after] = EDITED[path] ?? ["before", "after"]): string => {
  const at = path.replace(/\.1(?=\.|$)/g, ".0").replace(/\.[2-9](?=\.|$)/g, ".0");
  const [change] = changesOf(nested(at, before), nested(at, after), resources[token]?.replaceOn ?? []);
  return change?.replaces === true ? "REPLACE" : "update";
};

describe("the plans of the stub of Google Cloud", () => {
  for (const [token, leaves] of Object.entries(diffs)) {
    it(`are the provider's for ${token}`, () => {
      assert.ok(resources[token], "a row");
      assert.deepEqual(
        Object.fromEntries(Object.keys(leaves).map((path) => [path, plan(token, path)])),
        Object.fromEntries(
          Object.entries(leaves).map(([path, recorded]) => [path, recorded.replace(" (delete first)", "")]),
        ),
      );
    });
  }

  it("grow a subnet's range in place, and replace it for any other", () => {
    const edits = [
      ["10.0.0.0/20", "10.0.0.0/19", "update"],
      ["10.0.16.0/20", "10.0.0.0/19", "update"],
      ["10.0.0.0/20", "10.0.0.0/21", "REPLACE"],
      ["10.0.0.0/20", "10.0.32.0/19", "REPLACE"],
    ] as const;
    assert.deepEqual(
      edits.map(([from, to]) => plan("gcp:compute/subnetwork:Subnetwork", "ipCidrRange", [from, to])),
      edits.map(([, , expected]) => expected),
    );
  });
});
