/** Prints the image that a stack's file pins, `<repository>@<digest>`, for deploy.yml to verify its signature. */
import { join } from "node:path";

import { ToolError } from "../lib/errors";
import { REPOSITORY } from "../lib/repository";
import { readStackFile } from "../lib/stack-file";
import { runScript } from "./stack-list";

/** @throws ToolError if the stack builds its image, or names it by a tag */
export function pinnedImage(stack: string, folder = REPOSITORY): string {
  const file = `Pulumi.${stack}.yaml`;
  const image = readStackFile(join(folder, file)).config["ralph:image"] as
    { build?: boolean; repository?: string; digest?: string } | undefined;
  const { build, repository, digest } = image ?? {};
  if (build === true || repository === undefined || digest === undefined)
    throw new ToolError(
      `${file} pins no image, so there is no signature to verify, but IMAGE_STACKS lists ${stack}. Run image.yml and merge ` +
        "its pull request first, or take the stack out of that variable.",
    );
  return `${repository}@${digest}`;
}

if (require.main === module)
  void runScript(async () => {
    const stack = process.argv[2];
    if (stack === undefined) throw new ToolError("usage: pinned-image.ts <stack>");
    console.log(pinnedImage(stack));
    await Promise.resolve();
  });
