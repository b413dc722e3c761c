/** One thing wrong with the configuration, and the command that mends it. */
export interface Violation {
  /** The key as `pulumi config` spells it, such as `ralph:autoscaling.minReplicas`. */
  readonly key: string;
  /** What is wrong, with the value where it is no secret. */
  readonly rule: string;
  /** A command, or an edit of a file where no command can do it. */
  readonly fix: string;
}

/** All violations as one table: key first, command last. */
export function report(stack: string, violations: readonly Violation[]): string {
  const width = (column: (v: Violation) => string) => Math.max(...violations.map((v) => column(v).length));
  const [key, rule] = [width((v) => v.key), width((v) => v.rule)];
  const count = violations.length === 1 ? "1 problem" : `${violations.length} problems`;
  return [
    `${count} in the configuration of stack ${stack}; nothing was changed.`,
    ...violations.map((v) => `  ${v.key.padEnd(key)}  ${v.rule.padEnd(rule)}  ${v.fix}`),
  ].join("\n");
}
