import { Command } from "commander";

import { say } from "../../lib/progress";
import { JSON_RESULT, print } from "../options";

interface Options {
  readonly tasks: string;
  readonly json?: true;
}

/** Measures the program. */
export const command = new Command("bench")
  .summary("measure times and memory")
  .description("Measures the program, and the usual ways of doing the same, side by side in one run.")
  .option("--tasks <numbers>", "numbers of tasks to measure with", "1,10,100")
  .option(...JSON_RESULT)
  .action(async ({ tasks, json }: Options) => {
    const { measure } = await import("../../bench/index.ts");
    const { table } = await import("../../bench/figures.ts");
    print(await measure(tasks.split(",").map(Number), say), json, table);
  });

export const afterInterrupt = "Nothing was measured to the end; repeat the command.";
