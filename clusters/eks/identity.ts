import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import { managedPolicy, type Scope } from "./scope";

/** An IAM role with its policies. */
export interface RoleWithPolicies {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** Without these the role has no permissions: everything that uses the role must depend on them. */
  readonly attachments: readonly pulumi.Resource[];
}

/** Creates the role of the EC2 instances. */
export const createInstanceRole = (scope: Scope, suffix: string, policies: readonly string[]) =>
  createRole(scope, suffix, { service: "ec2.amazonaws.com", actions: ["sts:AssumeRole"] }, policies);

/** Namespace of the cluster's own programs that have a role. */
export const ROLE_NAMESPACE = "kube-system";

/**
 * Creates the role of a service account, which no other one, of no other cluster, can assume. Pod identity needs no
 * OIDC provider, annotation or key.
 */
export const createPodRole = (
  scope: Scope,
  suffix: string,
  serviceAccount: { readonly name: string; readonly namespace: string },
  policies: readonly string[],
) =>
  createRole(
    scope,
    suffix,
    {
      service: "pods.eks.amazonaws.com",
      actions: ["sts:AssumeRole", "sts:TagSession"],
      // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
      tags: {
        "eks-cluster-name": scope.config.name,
        "kubernetes-namespace": serviceAccount.namespace,
        "kubernetes-service-account": serviceAccount.name,
      },
    },
    policies,
  );

/** Creates the role by which AWS Backup copies disks. */
export const createBackupRole = (scope: Scope) =>
  createRole(scope, "backup", { service: "backup.amazonaws.com", actions: ["sts:AssumeRole"] }, [
    "service-role/AWSBackupServiceRolePolicyForBackup",
  ]);

/** What every role has, also the control plane's, which another component creates. Without these, its inputs stay. */
export const roleLimits = ({
  iam: { path, permissionsBoundary },
}: Config): { readonly path?: string; readonly permissionsBoundary?: string } => ({
  ...(path === "/" ? {} : { path }),
  ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
});

interface Trust {
  readonly service: string;
  readonly actions: readonly string[];
  /** Session tags that the service must send. */
  readonly tags?: Readonly<Record<string, string>>;
}

const requestTags = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]));

function createRole(
  scope: Scope,
  suffix: string,
  { service, actions, tags: required = {} }: Trust,
  policies: readonly string[],
): RoleWithPolicies {
  const { name, config, tags, options } = scope;
  const role = new Role(
    `${name}-${suffix}`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: service },
            Action: actions,
            ...(Object.keys(required).length === 0
              ? {}
              : { Condition: { StringEquals: requestTags(required) } }),
          },
        ],
      }),
      ...roleLimits(config),
      tags,
    },
    options(),
  );
  const attachments = policies.map(
    (policy) =>
      new RolePolicyAttachment(
        `${name}-${suffix}-${policy.split("/").at(-1)}`,
        { role: role.name, policyArn: managedPolicy(scope, policy) },
        options(),
      ),
  );
  return { name: role.name, arn: role.arn, attachments };
}
