import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { isBuiltBy } from "./cache";
import { quoted } from "./shell";

/**
 * Puts the language host that was built here into a folder of links as a program that tells it the runtime
 * options of Pulumi.yaml: it is from before the engine sent them with each run, and takes them as flags. One
 * that was installed gets them from the engine, and no such program.
 */
export function linkLanguageHost(bin: string, host: string, project: string): void {
  if (!isBuiltBy("pulumi", host)) return;
  const flags = Object.entries(runtimeOptions(project)).map(([name, value]) => `-${name}=${value}`);
  const link = join(bin, "pulumi-language-nodejs");
  rmSync(link, { force: true });
  writeFileSync(link, `#!/bin/sh\nexec ${[host, ...flags].map(quoted).join(" ")} "$@"\n`);
  chmodSync(link, 0o755);
}

/** The options of the `runtime` in a folder's Pulumi.yaml. */
export function runtimeOptions(project: string): Readonly<Record<string, string | boolean>> {
  const { runtime } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")) as {
    runtime: string | { options?: Readonly<Record<string, string | boolean>> };
  };
  return typeof runtime === "string" ? {} : (runtime.options ?? {});
}
