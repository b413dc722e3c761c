import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PROJECT, REPOSITORY } from "../../lib/repository";
import { pulumi } from "./command";

/**
 * Whether the engine cannot read its own state. A state itself is replaced in one go; but in a folder each file
 * has a second one with its checksum, `.attrs`, which is written in place: a run that is killed in that moment
 * leaves it empty, and the state unreadable (gocloud.dev, blob/fileblob, setAttrs).
 */
export const isBroken = (output: string): boolean =>
  /failed to load checkpoint: (EOF|unexpected EOF|unexpected end of JSON input)/.test(output);

/**
 * Removes the half written files beside the states of this project, where the backend is a folder.
 *
 * @returns paths of what was removed
 */
export async function mendBackend(): Promise<readonly string[]> {
  const { stdout } = await pulumi(["whoami", "--json"], { cwd: REPOSITORY });
  const { url } = JSON.parse(stdout) as { url: string };
  return url.startsWith("file://") ? mendFolder(fileURLToPath(url.replace(/\?.*$/, ""))) : [];
}

/** The same in the folder of a backend; the engine does without what is removed. */
export function mendFolder(backend: string): readonly string[] {
  const states = join(backend, ".pulumi", "stacks", PROJECT);
  if (!existsSync(states)) return [];
  const broken = readdirSync(states)
    .filter((name) => name.endsWith(".attrs"))
    .map((name) => join(states, name))
    .filter((file) => !isJson(readFileSync(file, "utf8")));
  for (const file of broken) rmSync(file);
  return broken;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
