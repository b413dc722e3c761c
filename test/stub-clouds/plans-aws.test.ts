/**
 * Proves that the rows of AWS plan a replacement where CloudFormation's registry demands one, for every value that the
 * program or the EKS component sends, except for the listed differences of Terraform's provider. Not proven: that the
 * provider was read correctly, because no index serves it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { changesOf } from "../../stub-clouds/diff";
import { tableOf } from "../../stub-clouds/tables";
import type { Token, Values } from "../../stub-clouds/types";
import { isCreateOnly } from "../judges/aws";
import type { Subject } from "../judges/finding";
import { EVERYTHING, run, withProgram } from "../support/eks";

const { resources } = tableOf("aws");
const CLUSTER = "aws:eks/cluster:Cluster";

type Plan = "REPLACE" | "update";
interface Difference {
  /** Below https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ */
  readonly source: string;
  readonly paths: Readonly<Record<string, Plan>>;
}

/** Where Terraform's provider plans otherwise than CloudFormation, or has what the registry lacks. */
const DIFFERENCES: Readonly<Record<Token, Difference>> = {
  "aws:cloudwatch/logGroup:LogGroup": { source: "logs/group.go", paths: { logGroupClass: "REPLACE" } },
  "aws:ec2/eip:Eip": { source: "ec2/ec2_eip.go", paths: { domain: "REPLACE" } },
  "aws:ec2/internetGateway:InternetGateway": {
    source: "ec2/vpc_internet_gateway.go",
    paths: { vpcId: "update" },
  },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    source: "ec2/ec2_launch_template.go",
    paths: { updateDefaultVersion: "update" },
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    source: "ec2/vpc_route_table_association.go",
    paths: { routeTableId: "update" },
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    source: "eks/access_policy_association.go",
    paths: {
      "accessScope.type": "REPLACE",
      clusterName: "REPLACE",
      policyArn: "REPLACE",
      principalArn: "REPLACE",
    },
  },
  "aws:eks/addon:Addon": { source: "eks/addon.go", paths: { resolveConflictsOnUpdate: "update" } },
  // A key can be added, and its removal replaces the cluster: the last test below.
  [CLUSTER]: {
    source: "eks/cluster.go",
    paths: { "encryptionConfig.provider.keyArn": "update", "encryptionConfig.resources[]": "update" },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    source: "iam/role_policy_attachment.go",
    paths: { policyArn: "REPLACE", role: "REPLACE" },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    source: "ec2/vpc_security_group_ingress_rule.go",
    paths: {
      fromPort: "update",
      ipProtocol: "update",
      referencedSecurityGroupId: "update",
      tags: "update",
      toPort: "update",
    },
  },
};

type Keys = readonly string[];

/** Keys that lead to the innermost values; a map of tags or labels is one value. */
const leaves = (value: unknown, keys: Keys = []): Keys[] =>
  typeof value === "object" && value !== null && !/^(tags|labels)$/.test(keys.at(-1) ?? "")
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...keys, key]))
    : [keys];

/** A copy with another value at the end of the keys. */
const changed = (value: unknown, [key, ...rest]: Keys, to: unknown): unknown => {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Values;
  return Object.assign(copy, { [key]: changed(copy[key], rest, to) });
};

const pathOf = (keys: Keys): string => keys.join(".").replace(/\.\d+/g, "[]");

const planOf = (token: Token, before: unknown, after: unknown): Plan =>
  changesOf(before as Values, after as Values, resources[token]?.replaceOn ?? []).some(
    (change) => change.replaces,
  )
    ? "REPLACE"
    : "update";

/** What the real component registers with everything configured, and its source. */
const component = JSON.parse(readFileSync(join(__dirname, "recorded", "eks-component.json"), "utf8")) as {
  readonly runs: readonly { readonly made: readonly Subject[] }[];
};

describe("the plans of the stub of AWS", () => {
  withProgram();

  /** By token, the plan of each edit. */
  const stub: Record<Token, Record<string, Plan>> = {};
  before(async () => {
    const runs = [await run(), await run(EVERYTHING)];
    const registered = [...runs, ...component.runs.map(({ made }) => ({ resources: made }))];
    for (const { type, inputs } of registered.flatMap((each): readonly Subject[] => each.resources))
      for (const keys of type.startsWith("aws:") ? leaves(inputs) : [])
        (stub[type] ??= {})[pathOf(keys)] = planOf(type, inputs, changed(inputs, keys, "changed"));
    for (const [token, plans] of Object.entries(stub))
      for (const path of resources[token]?.replaceOn ?? [])
        if (typeof path === "string" && isCreateOnly(token, path.split(".")) !== undefined)
          plans[path] ??= "REPLACE";
  });

  it("replace what CloudFormation replaces, but for the differences of Terraform's provider", () => {
    const expected = (token: Token, path: string): Plan | undefined => {
      const keys = path.replaceAll("[]", "").split(".");
      const difference = DIFFERENCES[token]?.paths[path];
      const isReplaced = isCreateOnly(token, keys);
      const registry = isReplaced === undefined ? undefined : isReplaced ? "REPLACE" : "update";
      assert.ok(difference === undefined || difference !== registry, `${token} ${path} is no difference`);
      return difference ?? registry;
    };
    assert.deepEqual(
      stub,
      Object.fromEntries(
        Object.entries(stub).map(([token, plans]) => [
          token,
          Object.fromEntries(Object.keys(plans).map((path) => [path, expected(token, path)])),
        ]),
      ),
    );
  });

  it("know no difference in what is not registered", () =>
    assert.deepEqual(
      Object.entries(DIFFERENCES).flatMap(([token, { paths }]) =>
        Object.keys(paths).filter((path) => stub[token]?.[path] === undefined),
      ),
      [],
    ));

  // ForceNewIfChange 1 -> 0: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/eks/cluster.go
  it("replace a cluster that loses its KMS key, and no other", () => {
    const key = (keyArn: string) => ({ encryptionConfig: { provider: { keyArn }, resources: ["secrets"] } });
    assert.deepEqual(
      [
        planOf(CLUSTER, key("a"), {}),
        planOf(CLUSTER, {}, key("a")),
        planOf(CLUSTER, key("a"), key("b")),
        planOf(CLUSTER, key("a"), { encryptionConfig: { provider: { keyArn: "a" }, resources: [] } }),
      ],
      ["REPLACE", "update", "update", "update"],
    );
  });
});
