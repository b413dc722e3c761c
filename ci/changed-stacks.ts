/**
 * Prints which stacks a change can affect: reads changed paths from standard input, writes lines for $GITHUB_OUTPUT.
 *
 *   plans     names, in one line: stacks that can be previewed with stub plugins
 *   previews  JSON, [{stack, cloud}]: those of PREVIEW_STACKS among them, a JSON list of names
 */
import { text } from "node:stream/consumers";

import { type CloudStack, cloudStacks, runScript, stackList } from "./stack-list";

/** Paths that affect no stack. */
const UNRELATED = [/^(docs|test|operations|\.github)\//, /^[^/]+\.md$/, /^Makefile$/];

/** The stacks that a change of these paths can affect. */
export function affected(paths: readonly string[], stacks: readonly CloudStack[]): CloudStack[] {
  const parts = paths.filter((path) => !UNRELATED.some((pattern) => pattern.test(path)));
  const clouds = new Set(stacks.map(({ cloud }) => cloud));
  return stacks.filter(({ stack, cloud }) =>
    parts.some((path) => {
      const own = /^Pulumi\.(.+)\.yaml$/.exec(path)?.[1];
      if (own !== undefined) return own === stack;
      const part = /^clusters\/([^/.]+)/.exec(path)?.[1];
      return part === undefined || !clouds.has(part) || part === cloud;
    }),
  );
}

async function main(): Promise<void> {
  const paths = (await text(process.stdin)).split("\n").filter((line) => line !== "");
  const stacks = affected(paths, cloudStacks());
  const ready = stackList("PREVIEW_STACKS", process.env.PREVIEW_STACKS);
  const previews = stacks.filter(({ stack }) => ready.includes(stack));
  console.log(`plans=${stacks.map(({ stack }) => stack).join(" ")}`);
  console.log(`previews=${JSON.stringify(previews)}`);
}

if (require.main === module) void runScript(main);
