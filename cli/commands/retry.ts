import { Command } from "commander";

import { clusterAccess, clusterOptions, type ClusterOptions } from "../cluster";
import { EXIT, retryExitCode } from "../exit-codes";
import { print } from "../options";
import { retryText } from "../reports/retry";

interface Options extends ClusterOptions {
  readonly all?: true;
}

/** Has the workers run failed prompts again. */
export const command = clusterOptions(
  new Command("retry")
    .summary("list what failed, and have the workers run failed prompts again")
    .description(
      "Lists the prompts and Jobs that ended without success, or has the workers run prompts again: a failed one continues " +
        "with new tries, one that reached a limit, made no progress or was stopped starts over where its files are. A " +
        "prompt that runs, waits or is completed stays as it is. A failed Job has to be replaced: its commands are listed.",
    )
    .argument("[prompt...]", "prompts to retry, as in the log or by their files (default: list what failed)")
    .option("--all", "retry every prompt that failed, but none that reached a limit or was stopped"),
  "stack whose workers are asked",
).action(async (prompts: string[], { all, json, ...options }: Options) => {
  const { retry } = await import("../../operations/retry.ts");
  const { Unreachable } = await import("../../operations/cluster/client.ts");
  try {
    const report = await retry({ ...(await clusterAccess(options)), prompts, all: all === true });
    print(report, json, retryText);
    process.exitCode = retryExitCode(report);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    console.error(`error: ${error.message}\nNo worker could be asked.`);
    process.exitCode = EXIT.unseen;
  }
});

export const afterInterrupt = "Prompts that were reset run again. Repeat the command for the others.";
