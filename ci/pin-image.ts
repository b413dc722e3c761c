/**
 * Writes an image, `<repository>@sha256:<digest>`, into the files of the stacks that IMAGE_STACKS lists. What else is in
 * a file stays as it is, comments included.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";

import { ToolError } from "../lib/errors";
import { REPOSITORY } from "../lib/repository";
import { listedStacks } from "./listed-stacks";
import { runScript } from "./stack-list";

/** Keys of `ralph:image` that say what is built; image.yml builds what runner/Dockerfile says. */
const OF_BUILD = ["agents", "packages", "base"];

/** @throws ToolError if the image has no digest, or the stack asks for another build */
export function pinned(file: string, text: string, image: string): string {
  const [, repository, digest] = /^([^@]+)@(sha256:[a-f0-9]{64})$/.exec(image) ?? [];
  if (repository === undefined)
    throw new ToolError(`${image} must end with its digest: @sha256:<64 hex digits>`);
  const document = parseDocument(text);
  const path = ["config", "ralph:image"];
  const section = document.getIn(path);
  if (isMap(section)) {
    const [own] = OF_BUILD.filter((key) => section.has(key));
    if (own !== undefined)
      throw new ToolError(
        `${file}: ralph:image.${own} is for images that \`pulumi up\` builds. Remove it, and change the default of its ` +
          "argument in runner/Dockerfile.",
      );
    // A comment above the first key is about `build`, or about the tag.
    if (section.has("build")) section.commentBefore = null;
    for (const key of ["build", "tag"]) section.delete(key);
  }
  for (const [key, value] of Object.entries({ repository, digest })) document.setIn([...path, key], value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

if (require.main === module)
  void runScript(async () => {
    const image = process.argv[2];
    if (image === undefined) throw new ToolError("usage: pin-image.ts <repository>@<digest>");
    for (const { stack } of listedStacks("IMAGE_STACKS", process.env.IMAGE_STACKS)) {
      const file = `Pulumi.${stack}.yaml`;
      const path = join(REPOSITORY, file);
      writeFileSync(path, pinned(file, readFileSync(path, "utf8"), image));
      console.log(`${file}: ${image}`);
    }
    await Promise.resolve();
  });
