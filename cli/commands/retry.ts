import { Command } from "commander";

import { EXIT, retryExitCode } from "../exit-codes";
import { fromHere, JSON_RESULT, print } from "../options";
import { retryText } from "../reports/retry";

interface Options {
  readonly all?: true;
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly json?: true;
}

/** Has the workers run failed prompts again. */
export const command = new Command("retry")
  .summary("list what failed, and have the workers run failed prompts again")
  .description(
    "Lists the prompts and Jobs that ended without success, or has the workers run prompts again: a failed one continues " +
      "with new tries, one that reached a limit, made no progress or was stopped starts over where its files are. A " +
      "prompt that runs, waits or is completed stays as it is. A failed Job has to be replaced: its commands are listed.",
  )
  .argument("[prompt...]", "prompts to retry, as in the log or by their files (default: list what failed)")
  .option("--all", "retry every prompt that failed, but none that reached a limit or was stopped")
  .option("--stack <name>", "stack whose workers are asked")
  .option("--kubeconfig <file>", "kubeconfig of a cluster (default: $KUBECONFIG, ~/.kube/config)")
  .option("--context <name>", "context in it (default: its current one)")
  .option("--namespace <name>", "namespace of the workload (default: the context's, or ralph-orchestrator)")
  .option(...JSON_RESULT)
  .action(async (prompts: string[], { all, stack, kubeconfig, context, namespace, json }: Options) => {
    const { retry } = await import("../../operations/retry.ts");
    const { stackAccess } = await import("../../operations/doctor/stack-access.ts");
    const { Unreachable } = await import("../../operations/cluster/client.ts");
    try {
      const access =
        kubeconfig === undefined && stack !== undefined
          ? await stackAccess(stack)
          : { file: kubeconfig && fromHere(kubeconfig) };
      const report = await retry({
        ...access,
        ...(context === undefined ? {} : { context }),
        ...(namespace === undefined ? {} : { namespace }),
        ...{ stack, prompts, all: all === true },
      });
      print(report, json, retryText);
      process.exitCode = retryExitCode(report);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      console.error(`error: ${error.message}\nNo worker could be asked.`);
      process.exitCode = EXIT.unseen;
    }
  });

export const afterInterrupt = "Prompts that were reset run again. Repeat the command for the others.";
