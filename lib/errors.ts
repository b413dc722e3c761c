/**
 * An expected failure, whose message is a repair instruction: the command line prints it without a stack trace and
 * exits with 1.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** The user (or the system) asked the process to stop. Exit code 130 for Ctrl-C, by the shells' convention. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor(readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP") {
    super(`stopped by ${signal}`);
  }
  get exitCode(): number {
    return 128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[this.signal];
  }
}
