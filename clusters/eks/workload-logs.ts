import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import type * as pulumi from "@pulumi/pulumi";
import { createAddon } from "./addons";
import type { ControlPlane } from "./control-plane";
import { workloadLogGroup } from "./logs";
import type { Scope } from "./scope";

/**
 * Sends the output of all pods to one log group, by the Fluent Bit of AWS's own add-on. Everything else that the add-on
 * does is turned off, because it is billed as well: metrics, traces, and the logs of the nodes.
 *
 * Its role may write to that group, but not create one, unlike AWS's managed policy for it: a line that is sent after
 * the group's deletion would create it again, without an expiry. Fluent Bit creates a group only if there is none
 * (https://github.com/fluent/fluent-bit/blob/v4.0.0/plugins/out_cloudwatch_logs/cloudwatch_api.c).
 */
export function createWorkloadLogs(
  scope: Scope,
  controlPlane: ControlPlane,
  nodes: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const { name, config, tags, options } = scope;
  const { workloads, retentionDays } = config.logs;
  if (!workloads) return [];
  const group = new LogGroup(
    `${name}-workloads`,
    { name: workloadLogGroup(config.name), retentionInDays: retentionDays, tags },
    options(),
  );
  return createAddon(
    scope,
    controlPlane,
    {
      addon: "amazon-cloudwatch-observability",
      values: VALUES,
      identity: {
        serviceAccount: "cloudwatch-agent",
        namespace: "amazon-cloudwatch",
        policies: [],
        may: [
          {
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resource: group.arn.apply((arn) => `${arn}:*`),
          },
        ],
      },
    },
    [...nodes, group],
  );
}

/** https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml */
const VALUES = {
  applicationSignals: { enabled: false },
  containerInsights: { enabled: false },
  // Without these two it has nothing to do, but would request a quarter of a CPU on every node.
  agent: { mode: "deployment", replicas: 0 },
  containerLogs: {
    fluentBit: { config: { extraFiles: { "dataplane-log.conf": "", "host-log.conf": "" } } },
  },
};
