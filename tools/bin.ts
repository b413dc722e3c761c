import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * One folder with a link for each tool: what goes on PATH, and what long-lived configuration may name,
 * because it stays where it is when the toolchain changes.
 */
export function linkTools(folder: string, paths: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(paths)) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(path, join(folder, name));
  }
  return folder;
}
