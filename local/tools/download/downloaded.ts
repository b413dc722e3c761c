import { existsSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "../cache";
import type { Tool } from "../pins";
import { type Platform, PLATFORMS, type ReleaseFile, type Source, type SourceName, SOURCES } from "./sources";

/** The folder of a download's programs. It exists only if it is complete. */
export const downloadFolder = (name: SourceName, platform: Platform): string =>
  join(cacheFolder(), "downloads", `${name}-${SOURCES[name].version}-${platform.replace("/", "-")}`);

/** This machine's platform; undefined if no publisher has binaries for it. */
export function thisPlatform(): Platform | undefined {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  return PLATFORMS.find((platform) => platform === `${process.platform}/${arch}`);
}

/** A release file, and which of the requested tools it contains. */
export interface Wanted {
  readonly name: SourceName;
  readonly file: ReleaseFile;
  readonly tools: readonly Tool[];
}

/** The release files that contain the tools, for that platform. */
export function filesOf(tools: readonly Tool[], platform: Platform): Wanted[] {
  return (Object.keys(SOURCES) as SourceName[]).flatMap((name) => {
    const file: ReleaseFile | undefined = SOURCES[name].files[platform];
    const contained = tools.filter((tool) => file?.programs[tool] !== undefined);
    return file === undefined || contained.length === 0 ? [] : [{ name, file, tools: contained }];
  });
}

/** The tools that an earlier run downloaded, with their paths. */
export function findDownloaded(tools: readonly Tool[], platform = thisPlatform()): Map<Tool, string> {
  if (platform === undefined) return new Map();
  return new Map(
    filesOf(tools, platform).flatMap(({ name, tools: contained }) => {
      const folder = downloadFolder(name, platform);
      return existsSync(folder) ? contained.map((tool) => [tool, join(folder, tool)] as const) : [];
    }),
  );
}

/** Tools that are published for other platforms only, with the reason. */
export function unpublished(tools: readonly Tool[], platform: Platform | undefined): Map<Tool, string> {
  const here = platform === undefined ? [] : filesOf(tools, platform).flatMap((one) => one.tools);
  const missing = new Map<Tool, string>();
  for (const other of PLATFORMS) {
    for (const { name, tools: contained } of filesOf(tools, other)) {
      const { elsewhere }: Source = SOURCES[name];
      const reason =
        (platform && elsewhere) ?? `nothing is published for ${process.platform}/${process.arch}`;
      for (const tool of contained) if (!here.includes(tool)) missing.set(tool, reason);
    }
  }
  return missing;
}
