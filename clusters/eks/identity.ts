import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import type * as pulumi from "@pulumi/pulumi";
import { managedPolicy, type Scope } from "./scope";

/** An IAM role, complete once its attachments are there. */
export interface RoleWithPolicies {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** What whoever works under the role must not outlive. */
  readonly attachments: readonly pulumi.Resource[];
}

/** Role of the machines. */
export const machineRole = (scope: Scope, suffix: string, policies: readonly string[]) =>
  role(scope, suffix, { service: "ec2.amazonaws.com", actions: ["sts:AssumeRole"] }, policies);

/** Role of a service account, by pod identity: no OIDC provider, no annotation, no key. */
export const podRole = (scope: Scope, suffix: string, policies: readonly string[]) =>
  role(
    scope,
    suffix,
    { service: "pods.eks.amazonaws.com", actions: ["sts:AssumeRole", "sts:TagSession"] },
    policies,
  );

function role(
  scope: Scope,
  suffix: string,
  trust: { service: string; actions: string[] },
  policies: readonly string[],
): RoleWithPolicies {
  const { name, tags, options } = scope;
  const made = new Role(
    `${name}-${suffix}`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: trust.service }, Action: trust.actions }],
      }),
      tags,
    },
    options(),
  );
  const attachments = policies.map(
    (policy) =>
      new RolePolicyAttachment(
        `${name}-${suffix}-${policy.split("/").at(-1)}`,
        { role: made.name, policyArn: managedPolicy(scope, policy) },
        options(),
      ),
  );
  return { name: made.name, arn: made.arn, attachments };
}
