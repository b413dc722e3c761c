/**
 * Proves that the API server of EKS can be private, that the component connects by the configured identity only and so
 * records no AWS_PROFILE, and that all retentions of CloudWatch work.
 */
import assert from "node:assert/strict";

import { PUBLIC, run, TYPE, withProgram } from "../support/eks";

describe("the network and the control plane of EKS", () => {
  withProgram();

  it("keeps the API server within the VPC", async () => {
    const { ofType } = await run({ api: { private: true } });
    const { endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs } =
      ofType(TYPE.cluster)[0]?.inputs ?? {};
    assert.deepEqual(
      [endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs],
      [true, false, undefined],
    );
  });

  const roleArn = "arn:aws:iam::123456789012:role/ops";
  for (const [auth, expected] of [
    [{}, {}],
    [{ roleArn }, { roleArn }],
    [{ profile: "ops" }, { profileName: "ops" }],
  ] as const)
    it(`connects the component with ${JSON.stringify(expected)}`, async () => {
      const { ofType } = await run({ ...PUBLIC, auth });
      assert.deepEqual(ofType(TYPE.cluster)[0]?.inputs.providerCredentialOpts, expected);
    });

  it("accepts the longest retentions of CloudWatch", async () => {
    for (const retentionDays of [2192, 2557, 2922, 3288]) {
      const { ofType } = await run({ ...PUBLIC, logs: { retentionDays } });
      assert.equal(ofType(TYPE.logs)[0]?.inputs.retentionInDays, retentionDays);
    }
  });
});
