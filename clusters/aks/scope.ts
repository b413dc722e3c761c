import { ResourceGroup } from "@pulumi/azure-native/resources";
import type * as pulumi from "@pulumi/pulumi";
import { createScope as createClusterScope, ownTags, type Scope as ClusterScope } from "../scope";
import type { Config } from "./config";

/** What every resource of the cluster shares. */
export interface Scope extends ClusterScope<Config> {
  readonly group: ResourceGroup;
  readonly tags: Readonly<Record<string, string>>;
}

/** For operations that Azure performs slowly or retries itself, such as draining a node or releasing a subnet. */
export const SLOW = { create: "45m", update: "60m", delete: "45m" };

export function createScope(parent: pulumi.Resource, name: string, config: Config): Scope {
  const scope = createClusterScope(parent, name, config);
  const tags = ownTags(config.tags);
  const group = new ResourceGroup(
    name,
    { resourceGroupName: config.resourceGroup, tags },
    scope.options({ customTimeouts: SLOW, deleteBeforeReplace: true }),
  );
  return { ...scope, group, tags };
}
