import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type { SecretAccess, SecretSource } from "../types";
import type { ControlPlane } from "./control-plane";
import { createPodRole } from "./identity";
import { partition, type Scope } from "./scope";

/**
 * Allows External Secrets to read the secrets of AWS Secrets Manager whose names have a prefix. With EKS Pod Identity a
 * store has the identity of the operator: https://external-secrets.io/latest/provider/aws-access
 */
export function grantSecrets(
  scope: Scope,
  { name: clusterName }: ControlPlane,
  { operator, prefix }: SecretAccess,
): SecretSource {
  const { name, region, tags, options } = scope;
  const role = createPodRole(scope, "secrets", operator, []);
  const policy = new RolePolicy(
    `${name}-secrets`,
    {
      role: role.name,
      policy: role.arn.apply((arn) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: [
                "secretsmanager:GetResourcePolicy",
                "secretsmanager:GetSecretValue",
                "secretsmanager:DescribeSecret",
                "secretsmanager:ListSecretVersionIds",
              ],
              Resource: `arn:${partition(region)}:secretsmanager:${region}:${arn.split(":")[4]}:secret:${prefix}*`,
            },
          ],
        }),
      ),
    },
    options(),
  );
  const association = new PodIdentityAssociation(
    `${name}-secrets`,
    {
      clusterName,
      namespace: operator.namespace,
      serviceAccount: operator.name,
      roleArn: role.arn,
      tags,
    },
    options({ dependsOn: policy }),
  );
  return {
    grants: [policy, association],
    annotations: {},
    provider: { aws: { service: "SecretsManager", region } },
  };
}
