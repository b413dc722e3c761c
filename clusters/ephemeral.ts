import { createHash } from "node:crypto";

/** Google's account id of the nodes has 30 characters, `-nodes` among them: the tightest of all limits. */
const LENGTH = 24;
const PREFIX = "ralph-";
const HASH = 6;

/**
 * The name of an ephemeral stack's cluster, and of all that is named after it: one that every cloud takes, and
 * another for every stack. It tells people which stack, and the hash keeps two long names apart.
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
