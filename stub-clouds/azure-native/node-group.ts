import type { Companion, Context, Token, Values } from "../types";
import { uuid } from "../names";
import { inGroup } from "./common";
import { SUBSCRIPTION } from "./refusals";
import { GROUP } from "./tokens";

const nodeGroupOf = ({ resourceGroupName, resourceName, location }: Values): string =>
  `MC_${resourceGroupName}_${resourceName}_${location}`;

/**
 * The group of the nodes and what AKS creates in it. AKS gives them the cluster's tags, and a scale set its pool's.
 * https://learn.microsoft.com/azure/aks/use-tags#azure-tags-and-aks-clusters
 */
export function nodeGroup(cluster: Values, id: string, { apiServer, random }: Context): readonly Companion[] {
  const { resourceName, resourceGroupName, agentPoolProfiles = [], tags = {} } = cluster;
  const group = nodeGroupOf(cluster);
  const within = (token: Token, path: string, more: Values = {}): Companion => ({
    token,
    id: inGroup(group, path),
    outputs: { name: path.slice(path.lastIndexOf("/") + 1), resourceGroupName: group, tags, ...more },
  });
  return [
    {
      token: GROUP,
      id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}`,
      outputs: {
        name: group,
        managedBy: id,
        tags: {
          ...tags,
          "aks-managed-cluster-name": resourceName,
          "aks-managed-cluster-rg": resourceGroupName,
        },
      },
    },
    within("azure-native:network:LoadBalancer", "Microsoft.Network/loadBalancers/kubernetes"),
    within(
      "azure-native:network:PublicIPAddress",
      `Microsoft.Network/publicIPAddresses/${uuid(apiServer.host)}`,
    ),
    within(
      "azure-native:network:NetworkSecurityGroup",
      `Microsoft.Network/networkSecurityGroups/aks-agentpool-${random(8, "nsg")}-nsg`,
    ),
    // The account of the first NFS share. Its driver creates it, with the tags of neither cluster nor pool.
    within(
      "azure-native:storage:StorageAccount",
      `Microsoft.Storage/storageAccounts/f${random(22, "files")}`,
      {
        tags: { "k8s-azure-created-by": "azure" },
      },
    ),
    ...(agentPoolProfiles as readonly Values[]).map((pool) => scaleSet(cluster, pool)),
  ];
}

/** The machines of a pool. */
export function scaleSet(cluster: Values, { name, tags = {} }: Values): Companion {
  const group = nodeGroupOf(cluster);
  const machines = `aks-${name}-${uuid(String(cluster.resourceName)).slice(0, 8)}-vmss`;
  return {
    token: "azure-native:compute:VirtualMachineScaleSet",
    id: inGroup(group, `Microsoft.Compute/virtualMachineScaleSets/${machines}`),
    outputs: {
      name: machines,
      resourceGroupName: group,
      tags: { ...tags, "aks-managed-poolName": name },
    },
  };
}
