import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";

import { REPOSITORY } from "../../lib/repository";
import { pulumiCommand } from "./command";

/**
 * A stack of this repository's program, in the caller's own Pulumi environment.
 *
 * @param env variables over the caller's, for the engine alone
 */
export async function openStack(name: string, env: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const workspace = await LocalWorkspace.create({ workDir: REPOSITORY, pulumiCommand, envVars: { ...env } });
  // Every call names its stack: the one that the caller has selected stays selected.
  workspace.selectStack = async () => undefined;
  return Stack.select(name, workspace);
}
