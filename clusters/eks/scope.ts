import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import { configuredRegion } from "./location";

/** What all resources of the cluster share. */
export interface Scope {
  /** Prefix of the logical names. */
  readonly name: string;
  readonly config: Config;
  readonly region: string;
  /** Tags of every resource that supports tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** The same tags and `Name`, which the AWS console displays. */
  readonly named: (suffix: string) => Record<string, string>;
  readonly options: (extra?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;
}

export function createScope(parent: pulumi.ComponentResource, name: string, config: Config): Scope {
  const tags = { ...config.tags, project: pulumi.getProject(), stack: pulumi.getStack() };
  return {
    name,
    config,
    region: configuredRegion() ?? "",
    tags,
    named: (suffix) => ({ ...tags, Name: config.name + suffix }),
    options: (extra) => ({ parent, ...extra }),
  };
}

/** ARN of an AWS managed policy such as `service-role/AmazonEBSCSIDriverPolicy`. */
export const managedPolicy = ({ region }: Scope, policy: string): string =>
  `arn:${partition(region)}:iam::aws:policy/${policy}`;

/** The partition that an ARN names: China and the US government have their own. */
export function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
