import { homedir } from "node:os";
import { resolve } from "node:path";

/** Options that several verbs share. */
export const JSON_RESULT = ["--json", "print the result as one JSON value"] as const;
export const BUILD = ["--build", "build missing tools with Go instead of downloading them"] as const;
export const YES = ["--yes", "do not ask for confirmation"] as const;
export const GONE = [
  "--gone <host...>",
  "host names of machines that no longer exist, and that no other machine has: locks of runs on them are released",
] as const;

const HERE = process.cwd();

/** A path as the user wrote it, from the folder in which the command was started. Make passes on a `~`. */
export const fromHere = (path: string): string => resolve(HERE, path.replace(/^~(?=\/|$)/, homedir()));

/** Prints a result on standard output. */
export const print = <T>(result: T, json: true | undefined, text: (result: T) => string): void =>
  console.log(json === true ? JSON.stringify(result, undefined, 2) : text(result));
