import { Command, Option } from "commander";

import { say } from "../../lib/progress";
import type { CloudName } from "../../clusters";
import { reap, type ReapReport, reapExitCode } from "../../operations/ephemeral/reap";
import { clouds } from "../../operations/ephemeral/stack-file";

interface Flags {
  readonly cloud?: CloudName;
  readonly yes?: true;
  readonly gone?: string[];
  readonly json?: true;
}

/** Takes down what has expired. */
export const command = new Command("reap")
  .description(
    "take down the ephemeral stacks of this backend whose time is over, and name what stacks have left that are\n" +
      "gone; without --yes, only say which. Nothing is taken that is protected, locked, or not certainly ephemeral",
  )
  .addOption(
    new Option(
      "--cloud <name>",
      "only those on this cloud, with a login for it alone (default: all)",
    ).choices(clouds()),
  )
  .option("--yes", "take them down")
  .option("--gone <host...>", "machines that are gone for good: locks of runs on them are released")
  .option("--json", "the result as one JSON value")
  .action(async ({ cloud, yes, gone, json }: Flags) => {
    const report = await reap({ cloud, yes: yes === true, gone, say });
    console.log(json === true ? JSON.stringify(report, undefined, 2) : table(report));
    if (yes !== true && report.stacks.some(({ outcome }) => outcome === "reap"))
      say("Nothing was changed; with --yes they go.");
    process.exitCode = reapExitCode(report);
  });

const HEAD = ["STACK", "OUTCOME", "EXPIRES", "OWNER", "REASON"];

function table({ stacks, unseen }: ReapReport): string {
  const rows = stacks.map(({ stack, outcome, expires = "-", owner = "-", reason }) => [
    ...[stack, outcome, expires, owner],
    reason.split("\n")[0] ?? "",
  ]);
  const widths = HEAD.map((_, i) => Math.max(...[HEAD, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    ...(rows.length === 0
      ? ["There is no stack of this project in the backend."]
      : [HEAD, ...rows].map(line)),
    ...stacks.filter(({ reason }) => reason.includes("\n")).map(({ stack, reason }) => `${stack}: ${reason}`),
    ...stacks.flatMap(({ stack, remove = [] }) => [
      ...(remove.length > 0 ? [`To remove what ${stack} has left:`] : []),
      ...remove.map((each) => `  ${each}`),
    ]),
    ...unseen.map(({ about, reason, fix }) => `not seen: ${about}: ${reason}\n        ${fix}`),
  ].join("\n");
}
