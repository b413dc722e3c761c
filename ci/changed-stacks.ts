/**
 * Prints which stacks a change can affect: reads changed paths from standard input, writes lines for $GITHUB_OUTPUT.
 *
 *   plans     names, in one line: stacks that can be previewed with stub plugins
 *   previews  JSON, [{stack, cloud}]: those of PREVIEW_STACKS among them, a JSON list of names
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { ToolError } from "../lib/errors";
import { REPOSITORY } from "../lib/repository";
import { readStackFile } from "../lib/stack-file";

export interface CloudStack {
  readonly stack: string;
  /** `ralph:cloud` of its file. */
  readonly cloud: string;
}

/** The committed stacks that create a cluster. A stack on an existing cluster needs that cluster for a preview. */
export const cloudStacks = (folder = REPOSITORY): CloudStack[] =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .map((stack) => {
      const { config } = readStackFile(join(folder, `Pulumi.${stack}.yaml`));
      return { stack, cloud: (config["ralph:cloud"] as string | undefined) ?? "existing" };
    })
    .filter(({ cloud }) => cloud !== "existing");

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

function previewStacks(text = ""): readonly unknown[] {
  if (text === "") return [];
  try {
    const list = JSON.parse(text) as unknown;
    if (Array.isArray(list)) return list;
  } catch {
    // Reported below, as other values are.
  }
  throw new ToolError(
    `The variable PREVIEW_STACKS must be a JSON list of stacks, such as ["gke"]; it is ${text}`,
  );
}

async function main(): Promise<void> {
  const paths = (await text(process.stdin)).split("\n").filter((line) => line !== "");
  const stacks = affected(paths, cloudStacks());
  const ready = previewStacks(process.env.PREVIEW_STACKS);
  const previews = stacks.filter(({ stack }) => ready.includes(stack));
  console.log(`plans=${stacks.map(({ stack }) => stack).join(" ")}`);
  console.log(`previews=${JSON.stringify(previews)}`);
}

if (require.main === module)
  main().catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  });
