import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";

/** What all resources of the cluster share. */
export interface Scope {
  /** Prefix of the logical names. */
  readonly name: string;
  readonly config: Config;
  readonly region: string;
  /** On everything that can be tagged. */
  readonly tags: Readonly<Record<string, string>>;
  /** `Name` is what the AWS console shows. */
  readonly named: (suffix: string) => Record<string, string>;
  readonly options: (extra?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;
}

/** ARN of a policy that AWS manages: `service-role/AmazonEBSCSIDriverPolicy`. */
export const managedPolicy = ({ region }: Scope, policy: string): string =>
  `arn:${partition(region)}:iam::aws:policy/${policy}`;

/** China and the government regions are AWSs of their own. */
export function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
