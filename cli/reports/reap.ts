import type { ReapReport } from "../../operations/ephemeral/reap";

const HEAD = ["STACK", "OUTCOME", "EXPIRES", "OWNER", "REASON"];

/** A table of stacks, what is left to remove, and what could not be looked at. */
export function reapText({ stacks, unseen }: ReapReport): string {
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
    ...(rows.length === 0 ? ["The backend has no stack of this project."] : [HEAD, ...rows].map(line)),
    ...stacks.filter(({ reason }) => reason.includes("\n")).map(({ stack, reason }) => `${stack}: ${reason}`),
    ...stacks.flatMap(({ stack, remove = [] }) => [
      ...(remove.length > 0 ? [`To remove what ${stack} has left behind:`] : []),
      ...remove.map((each) => `  ${each}`),
    ]),
    ...unseen.map(({ about, reason, fix }) => `not checked: ${about}: ${reason}\n        ${fix}`),
  ].join("\n");
}
