import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PROJECT, REPOSITORY } from "../../lib/repository";
import { pulumi } from "./command";

/**
 * Whether the engine failed because it cannot read its own state. The state file is replaced atomically. But a backend
 * that is a folder keeps each file's checksum in a second file, `.attrs`, which is written in place: if a run is killed
 * at that moment, that file stays empty and the state is unreadable (gocloud.dev, blob/fileblob, setAttrs).
 */
export const isUnreadable = (output: string): boolean =>
  /failed to load checkpoint: (EOF|unexpected EOF|unexpected end of JSON input)/.test(output);

/**
 * Removes half-written checksum files of this project's states, if the backend is a folder.
 *
 * @returns paths of the removed files
 */
export async function repairBackend(): Promise<readonly string[]> {
  const { stdout } = await pulumi(["whoami", "--json"], { cwd: REPOSITORY });
  const { url } = JSON.parse(stdout) as { url: string };
  return url.startsWith("file://") ? repairFolder(fileURLToPath(url.replace(/\?.*$/, ""))) : [];
}

/** Repairs the folder of a backend. The engine works without the removed files. */
export function repairFolder(backend: string): readonly string[] {
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
