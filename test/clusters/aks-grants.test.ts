/**
 * Proves that a role that Azure has not applied yet does not end `pulumi up`: how long the program waits for new roles,
 * that it never waits for old ones, and which errors make the commands around it repeat a run. The engine test
 * aks-stack.test.ts shows the run itself. How long Azure takes is known from documents and reports only.
 */
import assert from "node:assert/strict";
import { secondsUntilApplied } from "../../clusters/aks/late-grants";
import { failureIn } from "../../operations/failures";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe("a role on Azure that has no effect yet", () => {
  for (const [what, assigned, seconds] of [
    ["a role that was assigned just now", [ago(0)], 90],
    ["the last of several roles", [ago(3600), ago(10), ago(80)], 80],
    ["roles that were assigned earlier", [ago(91), ago(86_400)], 0],
    ["a role of a clock that is ahead", [ago(-600)], 90],
    ["no role", [], 0],
    ["roles in a state without the time", [undefined, ""], 0],
  ] as const) {
    it(`lets the cluster wait ${seconds} s for ${what}`, () =>
      assert.equal(secondsUntilApplied(assigned, NOW), seconds));
  }

  for (const [what, error, attempts] of [
    [
      "an identity without its role",
      'Status=400 Code="CustomKubeletIdentityMissingPermissionError" Message="Check access result not allowed for ' +
        'action Microsoft.ManagedIdentity/userAssignedIdentities/assign/action."',
      3,
    ],
    [
      "another resource without a role",
      'Code="ResourceMissingPermissionError" Message="Check access result not allowed for action a."',
      3,
    ],
    [
      "a role that is missing while AKS creates the nodes",
      "Code=\"LinkedAuthorizationFailed\" Message=\"The client 'c' has permission to perform action 'a'; however, it does " +
        "not have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action'.\"",
      3,
    ],
    ["a user without permission", 'Code="AuthorizationFailed" Message="no authorization"', undefined],
  ] as const) {
    it(`${attempts === undefined ? "does not let" : "lets"} commands repeat a run after ${what}`, () =>
      assert.equal(failureIn(error)?.attempts, attempts));
  }
});
