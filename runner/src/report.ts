import type { State } from "./state";
import type { Pushed } from "./remote";

/** What a pull request says of the runs of its prompt. */
export interface Report {
  /** The prompt's file name, without its ending. */
  readonly name: string;
  readonly prompt: string;
  readonly agent: string;
  readonly state: State;
}

const BEGIN = "<!-- ralph: written by the runner -->";
const END = "<!-- ralph: end -->";
/** GitHub and Gitea take 65536 characters, GitLab a million. */
const MAX_PROMPT = 20_000;

export const title = ({ name, prompt }: Report): string => {
  const heading = /^#+ +(\S.*?)[ #]*$/m.exec(prompt)?.[1] ?? name;
  return `Ralph: ${heading.slice(0, 100)}`;
};

/** The body of the request: what people have written around the runner's part stays. */
export function body(report: Report, pushed: Pushed, before = ""): string {
  const own = [BEGIN, ...describe(report, pushed), END].join("\n");
  const from = before.indexOf(BEGIN);
  const to = before.lastIndexOf(END);
  if (from < 0 || to < from) return before === "" ? own : `${before}\n\n${own}`;
  return `${before.slice(0, from)}${own}${before.slice(to + END.length)}`;
}

function describe(
  { prompt, agent, state }: Report,
  { commits, conflicts, others, leftOut }: Pushed,
): string[] {
  const { outcome, iterations, seconds, runs, costUsd } = state;
  const rows: [string, string][] = [
    ["Outcome", outcome ?? "running"],
    ["Agent", agent],
    ["Iterations", `${iterations} in ${runs === 1 ? "1 run" : `${runs} runs`}`],
    ["Time", `${Math.max(1, Math.round(seconds / 60))} min`],
    ...(costUsd === undefined ? [] : [["Cost", `$${costUsd.toFixed(2)}`] as [string, string]]),
  ];
  return [
    "| | |",
    "|---|---|",
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    "",
    ...(conflicts !== undefined && conflicts.length > 0
      ? ["**The base has moved and conflicts with this branch:**", ...list(conflicts), ""]
      : []),
    ...(leftOut.length > 0
      ? [
          "**Files of Git LFS whose changes are left out, since Ralph cannot upload them:**",
          ...list(leftOut),
          "",
        ]
      : []),
    ...(others.length > 0 ? ["Further branches of the agent's:", ...list(others), ""] : []),
    ...(commits.length > 0 ? ["### Commits", ...list(commits), ""] : []),
    "<details><summary>Prompt</summary>",
    "",
    ...fenced(prompt.slice(0, MAX_PROMPT)),
    "",
    "</details>",
  ];
}

const list = (lines: readonly string[]): string[] =>
  lines.map((line) => `- \`${line.replaceAll("`", "'")}\``);

/** A fence that is longer than any in the text. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return [fence, text.trimEnd(), fence];
}
