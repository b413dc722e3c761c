/** One problem as it is printed: the key, what is wrong with it, and the command that fixes it. */
export interface Problem {
  /** The key as `pulumi config` spells it, such as `ralph:autoscaling.minReplicas`. */
  readonly key: string;
  /** What is wrong, with the value unless it is a secret. */
  readonly rule: string;
  /** A command, or an edit of a file if no command can do it. */
  readonly fix: string;
}

/**
 * All problems as one table: key first, fix last.
 *
 * @param where what has the problems, such as `the configuration of stack gke`
 */
export function report(where: string, problems: readonly Problem[]): string {
  const width = (column: keyof Problem) => Math.max(...problems.map((problem) => problem[column].length));
  const [key, rule] = [width("key"), width("rule")];
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [
    `${count} in ${where}; nothing was changed.`,
    ...problems.map((each) => `  ${each.key.padEnd(key)}  ${each.rule.padEnd(rule)}  ${each.fix}`),
  ].join("\n");
}
