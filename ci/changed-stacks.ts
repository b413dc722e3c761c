/**
 * Which stacks a change can affect: changed paths on standard input, lines for $GITHUB_OUTPUT on standard output.
 *
 *   plans     names, in one line: stacks that can be previewed on stand-ins for their cloud
 *   previews  JSON, [{stack, cloud}]: those of PREVIEW_STACKS among them, a JSON list of names
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { REPOSITORY } from "../lib/repository";
import { readStackFile } from "../lib/stack-file";

export interface CloudStack {
  readonly stack: string;
  /** `ralph:cloud` of its file. */
  readonly cloud: string;
}

/** The committed stacks that make a cluster; one on a cluster that exists needs that cluster for a preview. */
export const cloudStacks = (folder = REPOSITORY): CloudStack[] =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .map((stack) => {
      const { config } = readStackFile(join(folder, `Pulumi.${stack}.yaml`));
      return { stack, cloud: (config["ralph:cloud"] as string | undefined) ?? "existing" };
    })
    .filter(({ cloud }) => cloud !== "existing");

/** What no stack is made of. */
const NO_PART = [/^(docs|test|operations|\.github)\//, /^[^/]+\.md$/, /^Makefile$/];

/** Of the stacks, those that one of the paths is a part of. */
export function affected(paths: readonly string[], stacks: readonly CloudStack[]): CloudStack[] {
  const parts = paths.filter((path) => !NO_PART.some((pattern) => pattern.test(path)));
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
  const { PREVIEW_STACKS = "" } = process.env;
  const ready = (PREVIEW_STACKS === "" ? [] : JSON.parse(PREVIEW_STACKS)) as string[];
  const previews = stacks.filter(({ stack }) => ready.includes(stack));
  console.log(`plans=${stacks.map(({ stack }) => stack).join(" ")}`);
  console.log(`previews=${JSON.stringify(previews)}`);
}

if (require.main === module) void main();
