/** The hook of the engine tests: what a stub accepted and a vendor's model refuses fails the run, at its end. */
import assert from "node:assert/strict";

import { mochaHooks, watch } from "../engine/support/judged";

describe("the judges of the engine tests", () => {
  it("report each finding once, with the test that registered it", () => {
    mochaHooks.afterAll();
    const inputs = { name: "a", autoCreateSubnetwork: true };
    const registered = [{ token: "gcp:compute/network:Network", inputs }];
    watch({ registered: () => registered });
    for (const title of ["a test", "another"])
      mochaHooks.afterEach.call({ currentTest: { fullTitle: () => title } });
    assert.throws(mochaHooks.afterAll, {
      actual: ["a test: gcp:compute/network:Network autoCreateSubnetwork: is not in Google's Network"],
    });
  });
});
