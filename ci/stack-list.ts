import { readdirSync } from "node:fs";
import { join } from "node:path";

import { ToolError } from "../lib/errors";
import { REPOSITORY } from "../lib/repository";
import { readStackFile } from "../lib/stack-file";

export interface CloudStack {
  readonly stack: string;
  /** `ralph:cloud` of its file. */
  readonly cloud: string;
}

/** The committed stacks that create a cluster. A stack on an existing cluster needs that cluster for a preview. */
export const cloudStacks = (folder = REPOSITORY): CloudStack[] =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .map((stack) => {
      const { config } = readStackFile(join(folder, `Pulumi.${stack}.yaml`));
      return { stack, cloud: (config["ralph:cloud"] as string | undefined) ?? "existing" };
    })
    .filter(({ cloud }) => cloud !== "existing");

/**
 * The stacks in a variable of the repository, a JSON list of names. Without a value there are none.
 *
 * @throws ToolError if it is another text
 */
export function stackList(variable: string, value = ""): readonly unknown[] {
  if (value === "") return [];
  try {
    const list = JSON.parse(value) as unknown;
    if (Array.isArray(list)) return list;
  } catch {
    // Reported below, as other values are.
  }
  throw new ToolError(
    `The variable ${variable} must be a JSON list of stacks, such as ["gke"]; it is ${value}`,
  );
}

/** Runs a script of CI. What the user can fix is printed without a stack trace. */
export const runScript = (main: () => Promise<void>): Promise<void> =>
  main().catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  });
