import { createInterface } from "node:readline";

import { Interrupted, ToolError } from "../lib/errors";
import { say } from "../lib/progress";
import type { DestroyPlan } from "./destroy";

/** Says what goes, and asks, unless that has been answered. */
export async function confirmed(plan: DestroyPlan, yes: boolean): Promise<boolean> {
  say(describe(plan));
  return yes || plan.resources === 0 || asked(plan);
}

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
    return await new Promise((resolve, reject) => {
      terminal.once("SIGINT", () => reject(new Interrupted("SIGINT"))); // the terminal sends no signal meanwhile
      terminal.once("close", () => resolve(false)); // Ctrl-D
      terminal.question("Type the stack's name to go on: ", (answer) => resolve(answer === stack));
    });
  } finally {
    terminal.close();
  }
}
