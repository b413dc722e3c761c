import { Command } from "commander";

import { say } from "../../lib/progress";
import { leaksOf } from "../../operations/leaks/stack";
import { exitCode, reportLeaks } from "../../operations/report";

interface Options {
  readonly stack: string;
  readonly json?: true;
}

/** Looks in the cloud for what a stack has left there. */
export const command = new Command("leaks")
  .description(
    "look in the cloud for what a stack has left there, by tag and name; of a stack that is up, what is not in its state",
  )
  .requiredOption("--stack <name>", "stack whose leftovers are looked for")
  .option("--json", "the result as one JSON value")
  .action(async ({ stack, json }: Options) => {
    const report = await leaksOf(stack, say);
    if (json === true) console.log(JSON.stringify(report, undefined, 2));
    else reportLeaks(report, stack);
    process.exitCode = exitCode(report);
  });
