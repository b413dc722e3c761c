import * as pulumi from "@pulumi/pulumi";
import { isRunByEngine } from "../preflight";
import { CALLER } from "./admins";
import { askAhead, clusterQuestion, groupQuestion, type Question } from "./aws-cli";
import type { Config } from "./config";
import { logQuestions } from "./logs";
import { nodeGroups, pools } from "./node-groups";
import { isRange } from "./node-range";
import { offerQuestions } from "./offers";

/** Asks AWS what a run needs to know, all at once: each start of the CLI takes a second. */
export async function prepare(config: Config): Promise<void> {
  if (isRunByEngine()) await askAhead(questions(config, pulumi.runtime.isDryRun()));
}

/** @param isPreview in which no node group gets its range */
export function questions(config: Config, isPreview: boolean): readonly Question[] {
  const { name, admins, nodes } = config;
  const ranges = pools(config)
    .filter(isRange)
    .flatMap((pool) => nodeGroups(pool, config, nodes.perZone ?? true))
    .map(({ groupName }) => groupName);
  const groups = [...(nodes.perZone === undefined ? [nodes.name] : []), ...(isPreview ? [] : ranges)];
  return [
    clusterQuestion(name),
    ...offerQuestions(config),
    ...logQuestions(config),
    ...groups.map((group) => groupQuestion(name, group)),
    ...(admins.length === 0 ? [] : [CALLER]),
  ];
}
