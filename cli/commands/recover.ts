import { Command } from "commander";

import { say } from "../../lib/progress";
import { GONE } from "../options";

interface Options {
  readonly stack: string;
  readonly gone?: string[];
}

/** Makes a stack usable again after a run that was killed. */
export const command = new Command("recover")
  .summary("make a stack usable again after a run that was killed")
  .description(
    "Makes a stack usable again after a run that was killed: releases its lock, and records what it was creating in " +
      "the state. Then `pulumi up` or `./ralphctl destroy` goes on from there.",
  )
  .requiredOption("--stack <name>", "stack to recover")
  .option(...GONE)
  .action(async ({ stack, gone }: Options) => {
    const { recoverStack } = await import("../../operations/recover.ts");
    await recoverStack(stack, { say, gone });
    say(`Stack ${stack} is usable again.`);
  });

export const afterInterrupt = "What was recovered so far is recorded. Repeat the command to go on.";
