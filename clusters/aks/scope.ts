import { ResourceGroup } from "@pulumi/azure-native/resources";
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

/** Tags that the program itself sets on every resource. */
export const OWN_TAGS = ["project", "stack"] as const;

/** For operations that Azure performs slowly or retries itself, such as draining a node or releasing a subnet. */
export const SLOW = { create: "45m", update: "60m", delete: "45m" };

export function createScope(parent: pulumi.Resource, name: string, config: Config): Scope {
  const tags = { ...config.tags, project: pulumi.getProject(), stack: pulumi.getStack() };
  const group = new ResourceGroup(
    name,
    { resourceGroupName: config.resourceGroup, tags },
    { parent, customTimeouts: SLOW, deleteBeforeReplace: true },
  );
  return { name, config, group, tags, options: (more = {}) => ({ parent, ...more }) };
}
