import type { Command } from "commander";

import { Interrupted, ToolError } from "../lib/errors";
import { listenForInterrupts } from "../lib/process";
import { EXIT } from "./exit-codes";

/**
 * Runs a command to its end: expected failures and Ctrl-C become a message and an exit code; anything else is a
 * defect and keeps its stack trace.
 *
 * @param afterInterrupt what to tell the user after Ctrl-C: the state things are in, and how to go on
 */
export async function main(program: Command, afterInterrupt: () => string = () => ""): Promise<void> {
  listenForInterrupts();
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(`\nStopped. ${afterInterrupt()}`);
      process.exitCode = error.exitCode;
    } else if (error instanceof ToolError || (await isRunError(error))) {
      console.error(`error: ${(error as Error).message}`);
      process.exitCode = EXIT.failed;
    } else {
      throw error;
    }
  }
}

/** The program's own refusals. Its SDK takes too long to load for a command that has none. */
async function isRunError(error: unknown): Promise<boolean> {
  const { RunError } = await import("@pulumi/pulumi/errors.js");
  return RunError.isInstance(error);
}
