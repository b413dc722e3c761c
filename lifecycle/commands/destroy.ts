import { createInterface } from "node:readline/promises";
import { Command } from "commander";

import { ToolError } from "../../tools/errors";
import { say } from "../../tools/up";
import { destroy, type DestroyPlan } from "../destroy";
import { exitCode, reportLeaks } from "../report";

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
      confirm: async (plan) => {
        say(describe(plan));
        return yes === true || plan.resources === 0 || asked(plan);
      },
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

function describe({ stack, server, resources, outside }: DestroyPlan): string {
  if (resources === 0) return `Nothing is up in stack ${stack}.`;
  return [
    `Stack ${stack} goes for good: ${resources} resources${server === undefined ? "" : `, on the cluster at ${server}`}.`,
    ...(outside.length === 0 ? [] : ["Pulumi did not make, and these go too:"]),
    ...outside.map((object) => `  ${object}`),
  ].join("\n");
}

async function asked({ stack }: DestroyPlan): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ToolError(`nobody is there to confirm it; nothing was changed. To go on without asking: --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`Type the stack's name to go on: `)) === stack;
  } finally {
    terminal.close();
  }
}
