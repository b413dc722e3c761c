import { Command } from "commander";

import { say } from "../../lib/progress";
import { confirmed } from "../../operations/confirm";
import { destroy } from "../../operations/destroy";
import { exitCode, reportLeaks } from "../../operations/report";

interface Options {
  readonly stack: string;
  readonly yes?: true;
  readonly json?: true;
  readonly gone?: string[];
}

/** Takes a stack down, cloud and all. */
export const command = new Command("destroy")
  .description(
    "take a stack down in stages: load balancers and disks while the cluster can still see to them, then the rest;\n" +
      "then look for what is left",
  )
  .requiredOption("--stack <name>", "stack to take down; the stack itself and its configuration stay")
  .option("--yes", "do not ask")
  .option("--gone <host...>", "machines that are gone for good: locks of runs on them are released")
  .option("--json", "the result as one JSON value")
  .action(async ({ stack, yes, json, gone }: Options) => {
    const result = await destroy({
      stack,
      gone,
      say,
      confirm: (plan) => confirmed(plan, yes === true),
    });
    if (!result.done) {
      say("Nothing was changed.");
      process.exitCode = 1;
      return;
    }
    if (json === true) console.log(JSON.stringify(result, undefined, 2));
    else {
      for (const { volume, handle } of result.kept)
        console.log(`Kept, as its class or its owner wants: volume ${volume}, disk ${handle}`);
      reportLeaks(result.leaks, stack);
    }
    process.exitCode = exitCode(result.leaks);
  });
