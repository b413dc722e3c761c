import { ToolError } from "../../../lib/errors";

/**
 * Where a publisher's file is downloaded from: from the publisher, or from the mirror in RALPH_TOOLS_MIRROR, which has
 * the files, checksums included, at <mirror>/<publisher's host>/<path at the publisher>.
 *
 * @throws ToolError if the mirror is not an http or https URL
 */
export function mirrored(url: string, mirror = process.env.RALPH_TOOLS_MIRROR): string {
  if (mirror === undefined || mirror === "") return url;
  if (!/^https?:\/\//.test(mirror) || !URL.canParse(mirror)) {
    throw new ToolError(`RALPH_TOOLS_MIRROR is not an http or https URL: ${mirror}`);
  }
  const { host, pathname } = new URL(url);
  return `${mirror.replace(/\/+$/, "")}/${host}${pathname}`;
}
