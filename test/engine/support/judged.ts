/**
 * Root hooks of the engine tests: what a stub of a cloud found valid is held against the vendors' API models, too. All
 * findings are reported at the end, since a hook that fails after one test would skip the others.
 */
import assert from "node:assert/strict";

import type { StubClouds } from "../../../stub-clouds/install";
import { judge } from "../../judges";

type Watched = Pick<StubClouds, "registered">;

const watched = new Set<Watched>();
const seen = new Set<string>();
const findings: string[] = [];

/** Lets the judges see what is registered there. */
export function watch<T extends Watched>(clouds: T): T {
  watched.add(clouds);
  return clouds;
}

export const mochaHooks = {
  afterEach(this: { readonly currentTest?: Pick<Mocha.Test, "fullTitle"> }): void {
    for (const clouds of watched)
      for (const registered of clouds.registered()) {
        const text = JSON.stringify(registered);
        if (seen.has(text)) continue;
        seen.add(text);
        const { token: type, inputs } = registered;
        for (const finding of judge([{ type, inputs }]))
          findings.push(`${this.currentTest?.fullTitle() ?? ""}: ${finding}`);
      }
  },
  afterAll: (): void =>
    assert.deepEqual(findings, [], "the vendors' API models refuse what a stub found valid"),
};
