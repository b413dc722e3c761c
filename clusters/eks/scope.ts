import type * as pulumi from "@pulumi/pulumi";
import { createScope as createSharedScope, ownTags, type Scope as SharedScope } from "../scope";
import type { Config } from "./config";
import { configuredRegion } from "./location";

/** What all resources of the cluster share. */
export interface Scope extends SharedScope<Config> {
  readonly region: string;
  /** Tags of every resource that supports tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** The same tags and `Name`, which the AWS console displays. */
  readonly named: (suffix: string) => Readonly<Record<string, string>>;
}

export function createScope(parent: pulumi.Resource, name: string, config: Config): Scope {
  const tags = ownTags(config.tags);
  return {
    ...createSharedScope(parent, name, config),
    region: configuredRegion() ?? "",
    tags,
    named: (suffix) => ({ ...tags, Name: config.name + suffix }),
  };
}

/** ARN of an AWS managed policy such as `service-role/AmazonEFSCSIDriverPolicy`. */
export const managedPolicy = ({ region }: Scope, policy: string): string =>
  `arn:${partition(region)}:iam::aws:policy/${policy}`;

/** The partition that an ARN names: China and the US government have their own. */
export function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
