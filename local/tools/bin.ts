import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Marks a folder of links, which may be on the user's PATH (make env) but is not where tools are installed. */
const MARK = ".ralph-links";

/**
 * One folder with a link for each tool: what goes on PATH, and what long-lived configuration may name,
 * because it stays where it is when the toolchain changes.
 */
export function linkTools(folder: string, paths: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), "");
  for (const [name, path] of Object.entries(paths)) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(path, join(folder, name));
  }
  return folder;
}

/** The folders of a PATH in which programs are installed. */
export const installedFolders = (path = process.env.PATH ?? ""): string[] =>
  path.split(delimiter).filter((folder) => folder !== "" && !existsSync(join(folder, MARK)));
