import { createInterface } from "node:readline";

import { Interrupted, ToolError } from "../lib/errors";
import { say } from "../lib/progress";
import type { DestroyPlan } from "./destroy";

/** Prints what will be deleted and asks for confirmation, unless `yes` gives it. */
export async function confirmed(plan: DestroyPlan, yes: boolean): Promise<boolean> {
  say(describe(plan));
  return yes || plan.resources === 0 || asked(plan);
}

function describe({ stack, server, resources, unmanaged }: DestroyPlan): string {
  if (resources === 0) return `Stack ${stack} has no resources.`;
  return [
    `Stack ${stack} will be deleted for good: ${resources} resources${server === undefined ? "" : `, on the cluster at ${server}`}.`,
    ...(unmanaged.length === 0 ? [] : ["Not created by Pulumi, but will also be deleted:"]),
    ...unmanaged.map((object) => `  ${object}`),
  ].join("\n");
}

async function asked({ stack }: DestroyPlan): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ToolError(
      "cannot ask for confirmation (stdin is not a terminal); nothing was changed. Use --yes to skip the prompt.",
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      terminal.once("SIGINT", () => reject(new Interrupted("SIGINT"))); // readline takes Ctrl-C from the terminal
      terminal.once("close", () => resolve(false)); // Ctrl-D
      terminal.question("Type the name of the stack to confirm: ", (answer) => resolve(answer === stack));
    });
  } finally {
    terminal.close();
  }
}
