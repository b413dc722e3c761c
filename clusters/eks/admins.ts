import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import type * as pulumi from "@pulumi/pulumi";
import type { ControlPlane } from "./control-plane";
import { partition, type Scope } from "./scope";

/** Makes the configured roles and users cluster administrators; the cluster's creator already is one. */
export const createAdmins = (scope: Scope, { name: clusterName }: ControlPlane): pulumi.Resource[] =>
  scope.config.admins.map((principalArn) => {
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
        policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
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
