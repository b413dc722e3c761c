/**
 * The judges are judged: of a whole stack per cloud, each name and each value is changed to a wrong one, and the
 * judges must notice at least the share stated here. Not proven: that a noticed value is what the API wants.
 */
import assert from "node:assert/strict";

import * as aks from "../support/aks";
import * as eks from "../support/eks";
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
    const restore = aks.onlyPrograms("gke-gcloud-auth-plugin");
    try {
      const run = await gke.run();
      // Descriptions, which are free text, are four of the values.
      atLeast(score(of(run, /^gcp:/), run.computed), 0.98, 0.92);
    } finally {
      restore();
    }
  });

  it("know a wrong name and a wrong value on AKS", async () => {
    const restore = aks.onlyPrograms("kubelogin");
    try {
      const run = await aks.run(aks.EVERYTHING);
      atLeast(score(of(run, /^azure-native:/), run.computed), 1, 0.99);
    } finally {
      restore();
    }
  });

  describe("on EKS", () => {
    eks.withProgram();

    it("know a wrong name and a wrong value", async () => {
      const [plain, full] = [await eks.run(), await eks.run(eks.EVERYTHING)];
      const mocks = new Set([...plain.computed, ...full.computed]);
      atLeast(score([...of(full, /^(aws|eks):/), ...of(plain, /^(aws|eks):/)], mocks), 1, 0.97);
    });
  });

  it("know the fields that AWS requires, its maps and its policies", () => {
    const role = (statement: object) => {
      const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] };
      return { type: "aws:iam/role:Role", inputs: { assumeRolePolicy: JSON.stringify(policy) } };
    };
    const Principal = { Service: "ec2.amazonaws.com" };
    const addon = { type: "aws:eks/addon:Addon", inputs: { clusterName: "ralph", addonName: "coredns" } };
    const AES = { encryptionType: "AES256" };
    const subjects = [
      addon,
      { ...addon, inputs: { ...addon.inputs, addonName: undefined } },
      { ...addon, inputs: { ...addon.inputs, tags: { ["k".repeat(129)]: "v" } } },
      { ...addon, inputs: { ...addon.inputs, tags: { k: "v".repeat(257) } } },
      { type: "aws:ecr/repository:Repository", inputs: { encryptionConfigurations: [AES, AES] } },
      role({ Action: "sts:AssumeRole", Principal }),
      role({ Action: "sts:AssumeRoles", Principal }),
      role({ Action: "sts:AssumeRole", Resource: "*" }),
      role({ Actions: "sts:AssumeRole", Principal }),
    ];
    assert.deepEqual(
      subjects.map((subject) => judge([subject]).map((finding) => finding.replace(/, is ["[].*/, ""))),
      [
        [],
        ["aws:eks/addon:Addon : lacks AddonName"],
        ["aws:eks/addon:Addon tags: must have at most 127 characters (CloudFormation)"],
        [
          "aws:eks/addon:Addon tags[]: must have at most 256 characters (the API)",
          "aws:eks/addon:Addon tags[]: must have at most 255 characters (CloudFormation)",
        ],
        [
          "aws:ecr/repository:Repository encryptionConfigurations: must have at most 1 items (CloudFormation)",
          "aws:ecr/repository:Repository encryptionConfigurations: must have at most 1 items (the API)",
        ],
        [],
        ['aws:iam/role:Role assumeRolePolicy: has the unknown action "sts:AssumeRoles"'],
        ["aws:iam/role:Role assumeRolePolicy: must have a Principal"],
        ["aws:iam/role:Role assumeRolePolicy: has the unknown element Actions"],
      ],
    );
  });

  it("report a type without a row", () =>
    assert.deepEqual(judge([{ type: "gcp:sql/database:Database", inputs: {} }]), [
      "gcp:sql/database:Database : has no row in test/judges/google.ts",
    ]));
});
