import { Command } from "commander";

import { EXIT, verifyExitCode } from "../exit-codes";
import { JSON_RESULT, print } from "../options";
import { verifyText } from "../reports/verify";

interface Options {
  readonly stack: string;
  readonly only?: readonly string[];
  readonly reach: string;
  readonly scaleUp?: true;
  readonly afterDestroy?: true;
  readonly json?: true;
}

/** Tries out a stack with pods of its own image. */
export const command = new Command("verify")
  .summary("try out a stack that is up, and report what works")
  .description(
    "Tries out a stack that is up: runs a task, mounts volumes, opens connections and reads metrics, in pods of the " +
      "stack's own image, and deletes everything again. The report has no secrets: send it if something fails. It " +
      "takes minutes, and a volume of each class for as long.",
  )
  .requiredOption("--stack <name>", "stack to try out")
  .option("--only <check...>", "make these checks only, by their names in the report")
  .option("--reach <host:port>", "what Ralph's pods must reach on the internet", "api.anthropic.com:443")
  .option("--scale-up", "have the autoscaler add one node, which costs its price until it is removed again")
  .option("--after-destroy", "report what is left of a destroyed stack instead")
  .option(...JSON_RESULT)
  .action(async ({ stack, only, reach, scaleUp, afterDestroy, json }: Options) => {
    const { verify } = await import("../../operations/verify/index.ts");
    const { inventory } = await import("../../operations/verify/inventory.ts");
    const { Unreachable } = await import("../../operations/cluster/client.ts");
    try {
      const report =
        afterDestroy === true
          ? await inventory(stack)
          : await verify({ stack, only, reach, scaleUp: scaleUp === true });
      print(report, json, verifyText);
      process.exitCode = verifyExitCode(report);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      console.error(`error: ${error.message}\nNothing could be tried.`);
      process.exitCode = EXIT.unseen;
    }
  });

export const afterInterrupt = "What the checks had created is deleted.";
