import { RunError } from "@pulumi/pulumi/errors";
import type { Command } from "commander";

import { Interrupted, ToolError } from "./errors";
import { listenForInterrupts } from "./process";

/**
 * Runs a command to its end: expected failures and Ctrl-C become a message and an exit code, the rest is a
 * defect and keeps its stack trace.
 *
 * @param interrupted what state things are in after Ctrl-C
 */
export async function main(program: Command, interrupted: () => string = () => ""): Promise<void> {
  listenForInterrupts();
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(`\nStopped. ${interrupted()}`);
      process.exitCode = error.exitCode;
    } else if (error instanceof ToolError || RunError.isInstance(error)) {
      console.error(`error: ${error.message}`);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}
