import { Command } from "commander";

import { say } from "../../lib/progress";
import { EXIT, leaksExitCode } from "../exit-codes";
import { GONE, JSON_RESULT, print, YES } from "../options";
import { keptText, leaksText } from "../reports/leaks";

interface Options {
  readonly stack: string;
  readonly yes?: true;
  readonly json?: true;
  readonly gone?: string[];
}

/** Deletes a stack's resources, the cloud's included. */
export const command = new Command("destroy")
  .summary("delete everything a stack has created, in stages")
  .description(
    "Deletes a stack's resources in stages: load balancers and disks while the cluster can still clean them up, then " +
      "the rest. Then looks in the cloud for leftovers.",
  )
  .requiredOption("--stack <name>", "stack whose resources are deleted; the stack and its configuration stay")
  .option(...YES)
  .option(...GONE)
  .option(...JSON_RESULT)
  .action(async ({ stack, yes, json, gone }: Options) => {
    const { destroy } = await import("../../operations/destroy.ts");
    const { confirmed } = await import("../../operations/confirm.ts");
    const result = await destroy({
      stack,
      gone,
      say,
      confirm: (plan) => confirmed(plan, yes === true),
    });
    if (!result.done) {
      say("Nothing was changed.");
      process.exitCode = EXIT.failed;
      return;
    }
    print(result, json, (all) => [...keptText(all), leaksText(all.leaks, stack)].join("\n"));
    process.exitCode = leaksExitCode(result.leaks);
  });

export const afterInterrupt = "What was deleted so far is recorded. Repeat the command to go on.";
