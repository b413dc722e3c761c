import type { ResourceGroup } from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";

/** What every resource of the cluster shares. */
export interface Scope {
  readonly name: string;
  readonly config: Config;
  readonly group: ResourceGroup;
  readonly tags: Readonly<Record<string, string>>;
  readonly options: (more?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;
}

export const OWN_TAGS = ["project", "stack"] as const;

export const ownTags = (config: Config): Record<string, string> => ({
  ...config.tags,
  project: pulumi.getProject(),
  stack: pulumi.getStack(),
});

/** For what Azure takes long over, or retries inside: a node that drains, a subnet that is in use a while. */
export const SLOW = { create: "45m", update: "60m", delete: "45m" };
