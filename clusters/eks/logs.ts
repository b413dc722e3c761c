import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../../lib/shell";
import { isRunByEngine } from "../preflight";
import { hasOwnTags } from "../scope";
import { ask, clusterExists, type Question } from "./aws-cli";
import type { Config } from "./config";
import { configuredRegion } from "./location";
import type { Scope } from "./scope";

/** Name of the log group to which EKS writes the control plane's logs. */
const logGroupName = (cluster: string): string => `/aws/eks/${cluster}/cluster`;

/** Name of the log group to which the add-on amazon-cloudwatch-observability writes the output of pods. */
export const workloadLogGroup = (cluster: string): string => `/aws/containerinsights/${cluster}/application`;

/**
 * Creates the log group of the control plane. If EKS created it, it would never expire, and a late log line would
 * recreate it after deletion.
 */
export const createLogs = ({ name, config, tags, options }: Scope): LogGroup =>
  new LogGroup(
    name,
    { name: logGroupName(config.name), retentionInDays: config.logs.retentionDays, tags },
    options(),
  );

interface Groups {
  readonly logGroups: readonly { readonly logGroupName: string; readonly arn: string }[];
}

/** The names of the log groups that the stack creates. */
const logGroupNames = ({ name, logs }: Config): string[] => [
  logGroupName(name),
  ...(logs.workloads ? [workloadLogGroup(name)] : []),
];

const logQuestion = (group: string): Question => [
  ...["logs", "describe-log-groups", "--log-group-name-prefix", group],
];

export const logQuestions = (config: Config): Question[] => logGroupNames(config).map(logQuestion);

/**
 * Refuses to create a cluster whose log group exists already and is not this stack's: AWS would refuse the group when
 * the network has been created. A late line of an earlier cluster of that name creates it again, after its deletion
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763).
 */
export function refuseForeignLogs(config: Config): void {
  const { name: cluster } = config;
  if (!isRunByEngine() || clusterExists(cluster)) return;
  for (const name of logGroupNames(config)) {
    const { logGroups } = ask<Groups>(...logQuestion(name)) ?? { logGroups: [] };
    const found = logGroups.find(({ logGroupName: each }) => each === name);
    if (found === undefined || isOwn(found.arn)) continue;
    throw new pulumi.RunError(
      `log group ${name} exists, probably of an earlier cluster named ${cluster}; nothing was changed. ` +
        `If no one needs its logs, delete it: ` +
        commandLine([
          ...["aws", "logs", "delete-log-group", "--log-group-name", name],
          ...["--region", configuredRegion() ?? ""],
        ]),
    );
  }
}

/** Whether this stack has created the group, in a run that was interrupted. */
function isOwn(arn: string): boolean {
  const answer = ask<{ readonly tags?: Readonly<Record<string, string>> }>(
    "logs",
    "list-tags-for-resource",
    "--resource-arn",
    arn.replace(/:\*$/, ""),
  );
  return hasOwnTags(answer?.tags);
}
