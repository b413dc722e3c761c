import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { ToolError } from "../../lib/errors";
import { FOLDERS, MARK } from "./files";

/**
 * Writes these files into a folder and removes all other rendered ones. Files that were not rendered are not touched.
 *
 * @returns the paths of the files that an earlier run rendered and this one removed
 * @throws ToolError, before anything is written, if a file that was not rendered would be overwritten
 */
export function writeFolder(folder: string, files: ReadonlyMap<string, string>): string[] {
  const there = lstatSync(folder, { throwIfNoEntry: false });
  if (there !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ToolError(`${folder} is not a folder; nothing was written.`);
  const foreign = [...files.keys()].filter(
    (path) =>
      lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined &&
      !isRendered(join(folder, path)),
  );
  if (foreign.length > 0) {
    throw new ToolError(
      `${folder} contains files that were not rendered and would be overwritten: ${foreign.join(", ")}; nothing was written.\n` +
        `Move them away, or render into another folder.`,
    );
  }

  const stale = rendered(folder).filter((path) => !files.has(path));
  for (const path of stale) rmSync(join(folder, path));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const inner of FOLDERS.map((name) => join(folder, name)))
    if (inner !== folder && existsSync(inner) && readdirSync(inner).length === 0) rmdirSync(inner);
  return stale;
}

function rendered(folder: string): string[] {
  return FOLDERS.filter((inner) => existsSync(join(folder, inner)))
    .flatMap((inner) => readdirSync(join(folder, inner)).map((name) => join(inner, name)))
    .filter((path) => isRendered(join(folder, path)));
}

/** A link is not: what it leads to may be a file of another folder. */
const isRendered = (file: string): boolean =>
  lstatSync(file).isFile() && readFileSync(file, "utf8").split("\n", 1)[0]?.includes(MARK) === true;
