import { Command } from "commander";

import { say } from "../../tools/up";
import { reap, type Reaped, reapExitCode } from "../ephemeral/reap";

interface Flags {
  readonly yes?: true;
  readonly gone?: string[];
  readonly json?: true;
}

/** Takes down what has expired. */
export const command = new Command("reap")
  .description(
    "take down the ephemeral stacks of this backend whose time is over; without --yes, only say which",
  )
  .option("--yes", "take them down")
  .option("--gone <host...>", "machines that are gone for good: locks of runs on them are released")
  .option("--json", "the result as one JSON value")
  .action(async ({ yes, gone, json }: Flags) => {
    const outcomes = await reap({ yes: yes === true, gone, say });
    console.log(json === true ? JSON.stringify(outcomes, undefined, 2) : table(outcomes));
    if (yes !== true && outcomes.some(({ outcome }) => outcome === "reap"))
      say("Nothing was changed; with --yes they go.");
    process.exitCode = reapExitCode(outcomes);
  });

function table(outcomes: readonly Reaped[]): string {
  if (outcomes.length === 0) return "There is no stack of this project in the backend.";
  const rows = [
    ["STACK", "OUTCOME", "EXPIRES", "OWNER", "REASON"],
    ...outcomes.map(({ stack, outcome, expires = "-", owner = "-", reason }) => [
      stack,
      outcome,
      expires,
      owner,
      reason.split("\n")[0] ?? "",
    ]),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const commands = outcomes.flatMap(({ remove = [] }) => remove.map((each) => `  ${each}`));
  const details = outcomes
    .filter(({ reason }) => reason.includes("\n"))
    .map(({ stack, reason }) => `${stack}: ${reason}`);
  return [
    ...lines,
    ...details,
    ...(commands.length > 0 ? ["To remove what is left:", ...commands] : []),
  ].join("\n");
}
