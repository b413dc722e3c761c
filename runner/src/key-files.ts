import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The keys in a mounted Secret by variable, as they are now: Kubernetes updates the files when the Secret changes, unlike
 * the variables of a container.
 *
 * @param folder need not exist
 */
export function readKeyFiles(folder: string): NodeJS.ProcessEnv {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith("..")); // those are Kubernetes' own
    return Object.fromEntries(
      names
        .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const)
        .filter(([, text]) => text.trim() !== ""),
    );
  } catch {
    return {}; // no Secret is mounted, or it is being replaced: the variables have the keys
  }
}
