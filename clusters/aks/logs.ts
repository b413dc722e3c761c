import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor";
import { Workspace } from "@pulumi/azure-native/operationalinsights";
import type { Scope } from "./scope";

/** Sends the control plane's logs, the audit log included, to a workspace that belongs to the cluster. */
export function createLogs(
  { name, config, group, tags, options }: Scope,
  cluster: ManagedCluster,
): DiagnosticSetting[] {
  const { categories, retentionDays, dailyQuotaGb } = config.logs;
  if (categories.length === 0) return [];
  const workspace = new Workspace(
    `${name}-logs`,
    {
      resourceGroupName: group.name,
      sku: { name: "PerGB2018" },
      retentionInDays: retentionDays,
      ...(dailyQuotaGb === undefined ? {} : { workspaceCapping: { dailyQuotaGb } }),
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
        // One table per category is cheaper to keep and to search than the one table shared by all of Azure.
        logAnalyticsDestinationType: "Dedicated",
        logs: categories.map((category) => ({ category, enabled: true })),
      },
      options(),
    ),
  ];
}
