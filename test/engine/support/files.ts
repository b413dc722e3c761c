import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Every file of a folder, at any depth. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}
