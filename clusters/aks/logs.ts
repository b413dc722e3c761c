import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor";
import { Workspace } from "@pulumi/azure-native/operationalinsights";
import type { Scope } from "./scope";

/** Who did what at the API server, kept as long as asked. */
export function logs({ name, config, group, tags, options }: Scope, cluster: ManagedCluster) {
  const { categories, retentionDays } = config.logs;
  if (categories.length === 0) return [];
  const workspace = new Workspace(
    `${name}-logs`,
    {
      resourceGroupName: group.name,
      sku: { name: "PerGB2018" },
      retentionInDays: retentionDays,
      tags,
    },
    options(),
  );
  return [
    new DiagnosticSetting(
      `${name}-logs`,
      {
        resourceUri: cluster.id,
        workspaceId: workspace.id,
        // A table for each category: cheaper to keep, and to search, than one of all Azure's.
        logAnalyticsDestinationType: "Dedicated",
        logs: categories.map((category) => ({ category, enabled: true })),
      },
      options(),
    ),
  ];
}
