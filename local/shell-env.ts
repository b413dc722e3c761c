import { existsSync } from "node:fs";
import { join } from "node:path";

import { quoted } from "../lib/shell";
import { ToolError } from "../lib/errors";
import { ENGINE_TOOLS } from "./tools/pins";
import { existingStack, LOCAL, localStack, PulumiStack } from "./stacks";
import { ensureToolchain } from "./tools/toolchain";

/** Lines for `eval`: with them pulumi and kubectl work by hand on what `make up` created. */
export async function shellEnvironment(): Promise<string> {
  const stack = existsSync(join(LOCAL, "kubeconfig")) ? localStack() : existingStack();
  if (stack === undefined) throw new ToolError("nothing is up here: run make up first.");
  const { variables } = new PulumiStack(stack, await ensureToolchain(ENGINE_TOOLS));
  return exportLines(variables);
}

/** `export NAME='value'`, for any POSIX shell. */
export const exportLines = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}`)
    .join("\n");
