import { join } from "node:path";

import { REPOSITORY } from "../../../tools/engine";
import { type Child, start } from "./children";
import type { Stack } from "./stack";

const CLI = ["-r", require.resolve("sucrase/register/ts"), join(REPOSITORY, "lifecycle", "cli.ts")];

/** Starts a command of lifecycle/ on a stack, in the stack's own environment. */
export const lifecycle = (stack: Stack, command: string, ...args: readonly string[]): Child =>
  start(process.execPath, [...CLI, command, "--stack", stack.namespace, ...args], {
    cwd: REPOSITORY,
    env: stack.env,
  });
