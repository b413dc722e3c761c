import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import type * as pulumi from "@pulumi/pulumi";
import { isRunByEngine } from "../preflight";
import { hasOwnTags } from "../scope";
import { ask, clusterExists, type Question } from "./aws-cli";
import type { ControlPlane } from "./control-plane";
import { partition, type Scope } from "./scope";

const ADMIN_POLICY = "AmazonEKSClusterAdminPolicy";

/** Makes the configured roles and users cluster administrators; the cluster's creator already is one. */
export const createAdmins = (scope: Scope, { name: clusterName }: ControlPlane): pulumi.Resource[] =>
  withoutCreator(scope).map((principalArn) => {
    const { name, region, tags, options } = scope;
    const logicalName = `${name}-admin-${slug(principalArn)}`;
    const entry = new AccessEntry(
      logicalName,
      { clusterName, principalArn, type: "STANDARD", tags },
      options(),
    );
    return new AccessPolicyAssociation(
      logicalName,
      {
        clusterName,
        principalArn,
        policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/${ADMIN_POLICY}`,
        accessScope: { type: "cluster" },
      },
      options({ dependsOn: entry }),
    );
  });

/** `123456789012-role-deployers`. Not the index in the list, which changes when an earlier entry is removed. */
const slug = (arn: string): string =>
  arn
    .split(":")
    .slice(4)
    .join("-")
    .replace(/[^\w-]/g, "-");

/**
 * The administrators whose access entries the program creates. EKS creates the entry of the cluster's creator, and
 * refuses a second one: https://github.com/pulumi/pulumi-eks/issues/2373
 */
function withoutCreator({ config: { name, admins } }: Scope): readonly string[] {
  if (admins.length === 0 || !isRunByEngine()) return admins;
  if (clusterExists(name)) return admins.filter((arn) => !hasForeignEntry(name, arn));
  const caller = ask<{ readonly Arn: string }>(...CALLER);
  return admins.filter((arn) => caller === undefined || !isSession(caller.Arn, arn));
}

/** Asked only if there are administrators. */
export const CALLER: Question = ["sts", "get-caller-identity"];

/** Whether another than this stack has made a role or user administrator of an existing cluster. */
function hasForeignEntry(cluster: string, principalArn: string): boolean {
  const entry = ["--cluster-name", cluster, "--principal-arn", principalArn];
  const found = ask<{ readonly accessEntry: { readonly tags?: Readonly<Record<string, string>> } }>(
    "eks",
    "describe-access-entry",
    ...entry,
  );
  if (found === undefined || hasOwnTags(found.accessEntry.tags)) return false;
  const policies = ask<{ readonly associatedAccessPolicies: readonly { readonly policyArn: string }[] }>(
    "eks",
    "list-associated-access-policies",
    ...entry,
  );
  return (
    policies?.associatedAccessPolicies.some(({ policyArn }) => policyArn.endsWith(`/${ADMIN_POLICY}`)) ??
    false
  );
}

/** Whether a caller is a user, or has assumed a role. The ARN of its session does not have the role's path. */
export function isSession(caller: string, principal: string): boolean {
  const [, account = "", role = ""] = /^arn:[^:]+:sts::(\d+):assumed-role\/([^/]+)\//.exec(caller) ?? [];
  if (role === "") return caller === principal;
  const [, , , , owner, resource = ""] = principal.split(":");
  return owner === account && resource.startsWith("role/") && resource.split("/").at(-1) === role;
}
