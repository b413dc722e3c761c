import { existsSync, readFileSync } from "node:fs";

import { type Environment, home } from "./accounts";
import { option, Refused } from "./words";

/** One run of a vendor's program. */
export interface Call {
  readonly words: readonly string[];
  readonly world: string;
  readonly env: Environment;
}

/** A command about the account itself, in place of what it contains. */
export interface AccountCommand {
  /** A text is printed as it is, everything else as JSON; undefined prints nothing. */
  readonly run: (call: Call) => unknown;
  /** Whether it works without a login. */
  readonly open?: true;
}

/** Commands by program and name. */
export type AccountCommands = Readonly<Record<string, Readonly<Record<string, AccountCommand>>>>;

/** Where `gcloud config set project` keeps it. */
export const CONFIGURATION = ".config/gcloud/configurations/config_default";

/** The project of a command: its own option, or the chosen one. */
export function gcloudProject({ words, env }: Call): string {
  const file = home(env, CONFIGURATION);
  const chosen =
    option(words, "project") ??
    env.CLOUDSDK_CORE_PROJECT ??
    (existsSync(file) ? /^project = (.+)$/m.exec(readFileSync(file, "utf8"))?.[1] : undefined);
  if (chosen === undefined)
    throw new Refused("ERROR: (gcloud) The required property [project] is not currently set.");
  return chosen;
}
