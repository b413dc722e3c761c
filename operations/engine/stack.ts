import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";

import { REPOSITORY } from "../../lib/repository";
import { pulumiCommand } from "./command";

/**
 * Opens a stack of this repository's program, in the caller's own Pulumi environment.
 *
 * @param env variables for the engine, in addition to the caller's
 */
export async function openStack(name: string, env: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const workspace = await LocalWorkspace.create({ workDir: REPOSITORY, pulumiCommand, envVars: { ...env } });
  // Every call names its stack, so the user's selection does not change.
  workspace.selectStack = async () => undefined;
  return Stack.select(name, workspace);
}
