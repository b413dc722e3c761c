import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import type * as pulumi from "@pulumi/pulumi";
import type { ControlPlane } from "./control-plane";
import { partition, type Scope } from "./scope";

/** Lets the configured roles and users administer the cluster; whoever made it does so already. */
export const access = (scope: Scope, { name: clusterName }: ControlPlane): pulumi.Resource[] =>
  scope.config.admins.map((principalArn) => {
    const { name, region, tags, options } = scope;
    const logical = `${name}-admin-${slug(principalArn)}`;
    const entry = new AccessEntry(logical, { clusterName, principalArn, type: "STANDARD", tags }, options());
    return new AccessPolicyAssociation(
      logical,
      {
        clusterName,
        principalArn,
        policyArn: `arn:${partition(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
        accessScope: { type: "cluster" },
      },
      options({ dependsOn: entry }),
    );
  });

/** `123456789012-role-deployers`: not the place in the list, which moves when another is taken out. */
const slug = (arn: string): string =>
  arn
    .split(":")
    .slice(4)
    .join("-")
    .replace(/[^\w-]/g, "-");
