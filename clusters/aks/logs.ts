import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import {
  DataCollectionRule,
  DataCollectionRuleAssociation,
  DiagnosticSetting,
} from "@pulumi/azure-native/monitor";
import { Workspace } from "@pulumi/azure-native/operationalinsights";
import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import type { Scope } from "./scope";

/** `kube-audit` has everything that `kube-audit-admin` has, and get and list as well. */
function categoriesOf({ logs: { categories, secretReads } }: Config): readonly string[] {
  if (!secretReads) return categories;
  const others = categories.filter((category) => !category.startsWith("kube-audit"));
  return ["kube-audit", ...others];
}

/** Creates the workspace of all logs, unless none are kept. */
export function createWorkspace({ name, config, group, tags, options }: Scope): Workspace | undefined {
  const { workloads, retentionDays, dailyQuotaGb } = config.logs;
  const categories = categoriesOf(config);
  if (categories.length === 0 && workloads !== true) return undefined;
  return new Workspace(
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
}

/** Sends logs to a workspace that belongs to the cluster. */
export const createLogs = (
  scope: Scope,
  cluster: ManagedCluster,
  workspace: Workspace | undefined,
): pulumi.Resource[] =>
  workspace === undefined
    ? []
    : [
        ...createControlPlaneLogs(scope, cluster, workspace),
        ...createWorkloadLogs(scope, cluster, workspace),
      ];

/** Sends the control plane's logs, the audit log included. */
function createControlPlaneLogs(
  { name, config, options }: Scope,
  cluster: ManagedCluster,
  workspace: Workspace,
): DiagnosticSetting[] {
  const categories = categoriesOf(config);
  if (categories.length === 0) return [];
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

/** The only stream that is collected: others have metrics, inventories and events, which are billed as well. */
const STREAM = "Microsoft-ContainerLogV2";
const DESTINATION = "workspace";

/**
 * Tells the cluster's add-on what to send: the output of all pods but AKS's own. The names that are fixed are what the
 * add-on looks for (https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable).
 */
function createWorkloadLogs(
  { name, config, group, tags, options }: Scope,
  cluster: ManagedCluster,
  workspace: Workspace,
): pulumi.Resource[] {
  if (config.logs.workloads !== true) return [];
  const rule = new DataCollectionRule(
    `${name}-logs`,
    {
      resourceGroupName: group.name,
      kind: "Linux",
      dataSources: {
        extensions: [
          {
            name: "ContainerInsightsExtension",
            extensionName: "ContainerInsights",
            streams: [STREAM],
            extensionSettings: {
              dataCollectionSettings: {
                interval: "1m",
                enableContainerLogV2: true,
                namespaceFilteringMode: "Exclude",
                namespaces: ["kube-system", "gatekeeper-system"],
              },
            },
          },
        ],
      },
      destinations: { logAnalytics: [{ name: DESTINATION, workspaceResourceId: workspace.id }] },
      dataFlows: [{ streams: [STREAM], destinations: [DESTINATION] }],
      tags,
    },
    options(),
  );
  const association = new DataCollectionRuleAssociation(
    `${name}-logs`,
    {
      resourceUri: cluster.id,
      associationName: "ContainerInsightsExtension",
      dataCollectionRuleId: rule.id,
    },
    options(),
  );
  return [rule, association];
}

/** The add-on of AKS that sends logs of pods. Without an entry, a cluster keeps the add-on that it has. */
export function logAddOn({ config }: Scope, workspace: Workspace | undefined) {
  const { workloads } = config.logs;
  if (workloads === undefined) return {};
  const omsagent =
    workspace === undefined || !workloads
      ? { enabled: false }
      : { enabled: true, config: { logAnalyticsWorkspaceResourceID: workspace.id, useAADAuth: "true" } };
  return { addonProfiles: { omsagent } };
}
