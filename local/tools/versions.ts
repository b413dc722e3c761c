import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

import { installedFolders } from "./bin";
import type { Range, Usable, Version } from "./pins";
import { run } from "../../lib/process";

/** The first version number in a program's answer. */
export function parseVersion(text: string): Version | undefined {
  const match = /\bv?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text.replace(/\bgo(?=\d)/, ""));
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** A pre-release counts as its release: 1.34.0-rc.1 is in a range from 1.34.0. */
export function inRange(version: Version, { from, below }: Range): boolean {
  return compare(version, from) >= 0 && (below === undefined || compare(version, below) < 0);
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Every executable of that name on PATH, first hit first. */
export function onPath(name: string): string[] {
  return installedFolders()
    .map((folder) => join(folder, name))
    .filter((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

/** The first program of that name on PATH whose version is in the range. */
export async function findUsable(name: string, { range, versionArgs }: Usable): Promise<string | undefined> {
  for (const file of onPath(name)) {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { code, stdout } = await run(file, versionArgs, { timeout: 10_000, env });
    const version = code === 0 ? parseVersion(stdout) : undefined;
    if (version !== undefined && inRange(version, range)) return file;
  }
  return undefined;
}
