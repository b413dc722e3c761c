import { Command } from "commander";

import { say } from "../../lib/progress";
import { leaksExitCode } from "../exit-codes";
import { JSON_RESULT, print } from "../options";
import { leaksText } from "../reports/leaks";

interface Options {
  readonly stack: string;
  readonly json?: true;
}

/** Looks in the cloud for a stack's leftovers. */
export const command = new Command("leaks")
  .summary("list what a stack has left in its cloud")
  .description(
    "Lists what a stack has left in its cloud, by tag and name. For a stack that is up, that is what its state does " +
      "not contain.",
  )
  .requiredOption("--stack <name>", "stack whose leftovers are listed")
  .option(...JSON_RESULT)
  .action(async ({ stack, json }: Options) => {
    const { leaksOf } = await import("../../operations/leaks/stack.ts");
    const report = await leaksOf(stack, say);
    print(report, json, () => leaksText(report, stack));
    process.exitCode = leaksExitCode(report);
  });
