import { REPOSITORY } from "../../../lib/repository";
import { RALPHCTL } from "../../support/ralphctl";
import { type Child, start } from "./children";
import type { Stack } from "./stack";

/** Milliseconds. A destroy retries for almost four minutes if a cloud refuses. */
const TIMEOUT = 360_000;

/** Starts a command of operations/ on a stack, in the stack's own environment. */
export const lifecycle = (stack: Stack, command: string, ...args: readonly string[]): Child =>
  watched(stack, [command, ...args]);

/** The same, with its output as it arrives. */
export const watched = (
  stack: Stack,
  [command = "", ...args]: readonly string[],
  onOutput?: (text: string) => void,
): Child =>
  start(process.execPath, [...RALPHCTL, command, "--stack", stack.namespace, ...args], {
    cwd: REPOSITORY,
    env: stack.env,
    timeout: TIMEOUT,
    onOutput,
  });
