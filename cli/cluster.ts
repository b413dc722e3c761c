import type { Command } from "commander";

import { fromHere, JSON_RESULT } from "./options";

/** How a verb is given a cluster: by a stack, or by a kubeconfig. */
export interface ClusterOptions {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly json?: true;
}

/** @param what the meaning of `--stack` for the verb */
export const clusterOptions = (command: Command, what: string): Command =>
  command
    .option("--stack <name>", what)
    .option("--kubeconfig <file>", "kubeconfig of a cluster (default: $KUBECONFIG, ~/.kube/config)")
    .option("--context <name>", "context in it (default: its current one)")
    .option("--namespace <name>", "namespace of the workload (default: the context's, or ralph-orchestrator)")
    .option(...JSON_RESULT);

/** Where the options lead. A kubeconfig comes before a stack, whose name then only stands in the suggested commands. */
export async function clusterAccess({ stack, kubeconfig, context, namespace }: ClusterOptions) {
  const { stackAccess } = await import("../operations/doctor/stack-access.ts");
  const access =
    kubeconfig === undefined && stack !== undefined
      ? await stackAccess(stack)
      : { file: kubeconfig && fromHere(kubeconfig) };
  return {
    ...access,
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    stack,
  };
}
