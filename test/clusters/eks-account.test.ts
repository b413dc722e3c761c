/**
 * Proves what an EKS stack concludes from AWS's answers about the account: which administrator is the cluster's
 * creator. Tables of answers; test/engine proves that the questions are asked.
 */
import assert from "node:assert/strict";
import { isSession } from "../../clusters/eks/admins";

const ROLE = "arn:aws:iam::123456789012:role/ops/deployers";
const USER = "arn:aws:iam::123456789012:user/ada";

describe("the creator of an EKS cluster", () => {
  const CALLERS: readonly (readonly [caller: string, principal: string, isCreator: boolean])[] = [
    [USER, USER, true],
    [USER, USER.replace("ada", "bob"), false],
    // A session's ARN names the role without its path.
    ["arn:aws:sts::123456789012:assumed-role/deployers/ci-7", ROLE, true],
    ["arn:aws:sts::123456789012:assumed-role/ops/ci-7", ROLE, false],
    ["arn:aws:sts::210987654321:assumed-role/deployers/ci-7", ROLE, false],
    ["arn:aws:sts::123456789012:assumed-role/ada/ci-7", USER, false],
    [
      "arn:aws-cn:sts::123456789012:assumed-role/AWSReservedSSO_admin_0a1b/ada",
      "arn:aws-cn:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0a1b",
      true,
    ],
  ];
  for (const [caller, principal, expected] of CALLERS)
    it(`${expected ? "is" : "is not"} ${principal}, if ${caller} created it`, () => {
      assert.equal(isSession(caller, principal), expected);
    });
});
