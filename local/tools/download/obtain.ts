import { cacheFolder } from "../cache";
import { Interrupted, ToolError } from "../../../lib/errors";
import type { Tool } from "../pins";
import { Progress } from "../../../lib/progress";
import { digestFor, download } from "./download";
import { filesOf, findDownloaded, thisPlatform, unpublished, type Wanted } from "./downloaded";
import { type Limits, LIMITS, refusalOf, NoConnection } from "./fetch";
import { mirrored } from "./mirror";
import { SOURCES } from "./sources";

/** Tools that could not be downloaded, and why. */
export interface Failure {
  readonly tools: readonly Tool[];
  readonly reason: string;
}

export interface Obtained {
  readonly found: ReadonlyMap<Tool, string>;
  readonly failures: readonly Failure[];
}

/**
 * Downloads tools from their publishers or from the mirror, as far as possible: failures are returned, not thrown. All
 * checksum files are requested at once, so a machine without a network waits for one connect timeout, not one per tool.
 *
 * @throws Interrupted, and ToolError if the mirror is not a URL
 */
export async function obtain(
  tools: readonly Tool[],
  platform = thisPlatform(),
  limits: Limits = LIMITS,
): Promise<Obtained> {
  const wanted = platform === undefined ? [] : filesOf(tools, platform);
  const failed: Failed[] = [...unpublished(tools, platform)].map(([tool, reason]) => ({
    tools: [tool],
    error: new Error(reason),
  }));
  const attempt = async <T>(one: Wanted, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Interrupted || error instanceof ToolError) throw error;
      failed.push({ tools: one.tools, error: error as Error });
      return undefined;
    }
  };

  const digests = await Promise.all(wanted.map((one) => attempt(one, () => digestFor(one.file, limits))));
  const ready = wanted.flatMap((one, index) => {
    const digest = digests[index];
    if (digest === undefined) return [];
    const error = refusalOf(mirrored(one.file.url));
    if (error === undefined) return [{ ...one, digest }];
    failed.push({ tools: one.tools, error });
    return [];
  });

  const found = new Map<Tool, string>();
  if (platform !== undefined && ready.length > 0) {
    const progress = new Progress(ready.length);
    progress.say(
      `Downloading ${ready.map(({ name }) => `${name} ${SOURCES[name].version}`).join(", ")} ` +
        `from ${process.env.RALPH_TOOLS_MIRROR || "their publishers"}. Once; Ctrl-C is safe.`,
    );
    for (const one of ready) {
      await attempt(one, () => download(one.name, platform, one.file, one.digest, progress, limits));
    }
    for (const [tool, path] of findDownloaded(tools, platform)) found.set(tool, path);
    if (found.size > 0) progress.finish(`Downloaded into ${cacheFolder()}`);
  }
  return { found, failures: summarize(failed) };
}

interface Failed {
  readonly tools: readonly Tool[];
  readonly error: Error;
}

/** One failure per reason, and a single one for all unreachable hosts. */
function summarize(failed: readonly Failed[]): Failure[] {
  const away = failed.filter(({ error }) => error instanceof NoConnection);
  const hosts = [...new Set(away.map(({ error }) => error.message))].join("; ");
  const byReason = new Map<string, Tool[]>();
  for (const { tools, error } of failed) {
    const reason = error instanceof NoConnection ? hosts : error.message;
    byReason.set(reason, [...(byReason.get(reason) ?? []), ...tools]);
  }
  return [...byReason].map(([reason, tools]) => ({ tools, reason }));
}
