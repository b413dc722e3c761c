import type { SecretAccess, SecretSource } from "../types";
import type { ControlPlane } from "./control-plane";
import { createPodAccess } from "./pod-access";
import { partition, type Scope } from "./scope";

const ACTIONS = [
  "secretsmanager:GetResourcePolicy",
  "secretsmanager:GetSecretValue",
  "secretsmanager:DescribeSecret",
  "secretsmanager:ListSecretVersionIds",
];

/**
 * Allows External Secrets to read the secrets of AWS Secrets Manager whose names have a prefix. With EKS Pod Identity a
 * store has the identity of the operator: https://external-secrets.io/latest/provider/aws-access
 */
export function grantSecrets(
  scope: Scope,
  controlPlane: ControlPlane,
  { operator, prefix }: SecretAccess,
): SecretSource {
  const { region } = scope;
  const all = `arn:${partition(region)}:secretsmanager:${region}`;
  const grants = createPodAccess(scope, controlPlane, "secrets", operator, (account) =>
    account.apply((id) => [{ Effect: "Allow", Action: ACTIONS, Resource: `${all}:${id}:secret:${prefix}*` }]),
  );
  return { grants, annotations: {}, provider: { aws: { service: "SecretsManager", region } } };
}
