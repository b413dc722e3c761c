import { createHash } from "node:crypto";

/** The tightest limit of all: an account id of Google has at most 30 characters, of which `-nodes` needs 6. */
const LENGTH = 24;
const PREFIX = "ralph-";
const HASH = 6;

/**
 * The name of an ephemeral stack's cluster and of everything named after it. Every cloud accepts it. It contains the
 * stack's name for readers, and a hash that distinguishes long names.
 */
export function ephemeralName(project: string, stack: string): string {
  const hash = createHash("sha256").update(`${project}/${stack}`).digest("hex").slice(0, HASH);
  const slug = stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, LENGTH - PREFIX.length - HASH - 1)
    .replace(/-$/, "");
  return `${PREFIX}${slug === "" ? "" : `${slug}-`}${hash}`;
}
