/**
 * Prints the stacks that RENDER_STACKS lists, each with the folder from which its GitOps tool applies its manifests, one
 * `<stack> <folder>` per line.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ToolError } from "../lib/errors";
import { REPOSITORY } from "../lib/repository";
import { readStackFile } from "../lib/stack-file";
import { runScript, stackList } from "./stack-list";

/** The default of `argocd.path` and `flux.path`. */
export const FOLDER = "k8s";

/** @throws ToolError if a stack has no file here, or no tool */
export function gitopsFolders(
  value: string | undefined,
  folder = REPOSITORY,
): { readonly stack: string; readonly folder: string }[] {
  return stackList("RENDER_STACKS", value).map((stack) => {
    const file = `Pulumi.${String(stack)}.yaml`;
    if (!existsSync(join(folder, file)))
      throw new ToolError(
        `The variable RENDER_STACKS lists ${JSON.stringify(stack)}, but there is no ${file}.`,
      );
    const { config } = readStackFile(join(folder, file));
    const [{ tool = "none" }, ofArgo, ofFlux] = [
      (config["ralph:gitops"] ?? {}) as { tool?: string },
      (config["ralph:argocd"] ?? {}) as { enabled?: boolean; path?: string },
      (config["ralph:flux"] ?? {}) as { path?: string },
    ];
    if (tool === "none" && ofArgo.enabled !== true)
      throw new ToolError(
        `${file} has no GitOps tool, but RENDER_STACKS lists ${String(stack)}: set ralph:gitops.`,
      );
    return { stack: String(stack), folder: (tool === "flux" ? ofFlux : ofArgo).path ?? FOLDER };
  });
}

if (require.main === module)
  void runScript(async () => {
    for (const { stack, folder } of gitopsFolders(process.env.RENDER_STACKS)) console.log(stack, folder);
    await Promise.resolve();
  });
