import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount } from "../types";
import type { ControlPlane } from "./control-plane";
import { createPodRole, type RoleWithPolicies } from "./identity";
import type { Scope } from "./scope";

/** Creates a role's own policy. */
export const createPolicy = (
  { name, options }: Scope,
  suffix: string,
  role: RoleWithPolicies,
  statements: pulumi.Input<readonly object[]>,
): RolePolicy =>
  new RolePolicy(
    `${name}-${suffix}`,
    {
      role: role.name,
      policy: pulumi
        .output(statements)
        .apply((Statement) => JSON.stringify({ Version: "2012-10-17", Statement })),
    },
    options(),
  );

/**
 * Lets one service account do what the statements allow, and nothing else, by EKS Pod Identity.
 *
 * @param account id of the AWS account, which the statements may name
 */
export function createPodAccess(
  scope: Scope,
  { name: clusterName }: ControlPlane,
  suffix: string,
  { name: serviceAccount, namespace }: ServiceAccount,
  statements: (account: pulumi.Output<string>) => pulumi.Input<readonly object[]>,
): pulumi.Resource[] {
  const { name, tags, options } = scope;
  const role = createPodRole(scope, suffix, { name: serviceAccount, namespace }, []);
  const account = role.arn.apply((arn) => arn.split(":")[4] ?? "");
  const policy = createPolicy(scope, suffix, role, statements(account));
  const association = new PodIdentityAssociation(
    `${name}-${suffix}`,
    { clusterName, namespace, serviceAccount, roleArn: role.arn, tags },
    options({ dependsOn: policy }),
  );
  return [policy, association];
}
