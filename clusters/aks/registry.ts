import { createHash } from "node:crypto";
import { Registry } from "@pulumi/azure-native/containerregistry";
import type * as pulumi from "@pulumi/pulumi";
import { type Scope, SLOW } from "./scope";

/** A registry of the cluster's own. Its nodes pull by their identity; there is no user and no password. */
export const registry = ({ name, config, group, tags, options }: Scope): Registry =>
  new Registry(
    `${name}-registry`,
    {
      resourceGroupName: group.name,
      registryName: group.id.apply((id) => registryName(config.name, id)),
      sku: { name: "Basic" },
      adminUserEnabled: false,
      tags,
    },
    options({ customTimeouts: SLOW }),
  );

/**
 * Of its id, which a preview knows of a registry that is there. `loginServer` is unknown where its tags change,
 * and every pod would be planned anew.
 */
export const registryAddress = ({ id }: Registry): pulumi.Output<string> =>
  id.apply((resourceId) => `${resourceId.split("/").at(-1)}.azurecr.io`);

const NAME_LENGTH = 50;
const UNIQUE_LENGTH = 12;

/** Letters and digits alone, and unique in all of Azure, so the group's id has a part in it. */
function registryName(cluster: string, groupId: string): string {
  const readable = cluster.toLowerCase().replace(/[^a-z0-9]/g, "");
  const unique = createHash("sha256").update(groupId.toLowerCase()).digest("hex").slice(0, UNIQUE_LENGTH);
  return readable.slice(0, NAME_LENGTH - UNIQUE_LENGTH) + unique;
}
