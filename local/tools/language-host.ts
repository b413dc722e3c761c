import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { isBuiltBy } from "./cache";
import { LANGUAGE_HOST_VERSION } from "./pins";
import { quoted } from "../../lib/shell";

/**
 * Puts the language host that was built here into a PULUMI_HOME, as a program that tells it the runtime options
 * of a project's Pulumi.yaml: it is from before the engine sent them with each run, and takes them as flags. One
 * that was installed is beside its engine, and gets them from it.
 */
export function installLanguageHost(pulumiHome: string, host: string, project: string): void {
  if (!isBuiltBy("language-nodejs", host)) return;
  const flags = Object.entries(runtimeOptions(project)).map(([name, value]) => `-${name}=${value}`);
  const folder = join(pulumiHome, "plugins", `language-nodejs-v${LANGUAGE_HOST_VERSION}`);
  mkdirSync(folder, { recursive: true });
  const program = `#!/bin/sh\nexec ${[host, ...flags].map(quoted).join(" ")} "$@"\n`;
  writeFileSync(join(folder, "pulumi-language-nodejs"), program, { mode: 0o755 });
}

/** The options of the `runtime` in a folder's Pulumi.yaml. */
export function runtimeOptions(project: string): Readonly<Record<string, string | boolean>> {
  const { runtime } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")) as {
    runtime: string | { options?: Readonly<Record<string, string | boolean>> };
  };
  return typeof runtime === "string" ? {} : (runtime.options ?? {});
}
