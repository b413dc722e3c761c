import { createHash } from "node:crypto";
import { Registry } from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";
import type { Registry as ClusterRegistry } from "../types";
import { AZURE_CLI } from "./kubeconfig";
import { type Scope, SLOW } from "./scope";

/** The cluster's own registry. The nodes pull with their identity; no user or password exists. */
export const createRegistry = ({ name, config, group, tags, options }: Scope): Registry =>
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

/** The user that stands for a token: https://learn.microsoft.com/azure/container-registry/container-registry-authentication */
const TOKEN_USER = "00000000-0000-0000-0000-000000000000";

/**
 * Derived from the id, which a preview knows once the registry exists. `loginServer` is unknown while its tags
 * change, and the preview would plan to update every pod.
 */
export function imageRegistry({ id }: Registry): ClusterRegistry {
  const names = id.apply((resourceId) => ({
    registry: resourceId.split("/").at(-1) ?? "",
    subscription: /^\/subscriptions\/([^/]+)\//.exec(resourceId)?.[1],
  }));
  return {
    image: pulumi.interpolate`${names.registry}.azurecr.io/ralph-orchestrator`,
    login: names.apply(({ registry, subscription }) => ({
      username: TOKEN_USER,
      password: [
        AZURE_CLI.command,
        ...["acr", "login", "--name", registry],
        // The CLI may have another one selected.
        ...(subscription === undefined ? [] : ["--subscription", subscription]),
        ...["--expose-token", "--query", "accessToken", "--output", "tsv"],
      ] as const,
      fix: "az login",
    })),
  };
}

const MAX_NAME_LENGTH = 50;
const HASH_LENGTH = 12;

/** Only letters and digits, and unique across Azure, so it includes a hash of the group's id. */
function registryName(cluster: string, groupId: string): string {
  const readable = cluster.toLowerCase().replace(/[^a-z0-9]/g, "");
  const unique = createHash("sha256").update(groupId.toLowerCase()).digest("hex").slice(0, HASH_LENGTH);
  return readable.slice(0, MAX_NAME_LENGTH - HASH_LENGTH) + unique;
}
