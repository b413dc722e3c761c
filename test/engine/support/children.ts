import { spawn } from "node:child_process";

import type { RunResult } from "../../../tools/process";

/** A program that runs, in a process group of its own. */
export interface Child {
  readonly pid: number;
  readonly result: Promise<RunResult>;
  /** To the program itself: what a CI runner sends when it cancels. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGKILL to its whole group. */
  readonly kill: () => void;
}

const running = new Set<Child>();

/** Milliseconds after which any program here is killed: longer than the slowest, shorter than a test. */
const TIMEOUT = 180_000;

/** Starts a program, which cannot outlive its timeout. Code 124 says that it ran into it, 137 that it was killed. */
export function start(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly timeout?: number },
): Child {
  const { cwd, env, timeout = TIMEOUT } = options;
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);

  const kill = (): void => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // ended by itself in this moment
    }
  };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeout);

  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const result = new Promise<RunResult>((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(handle);
      resolve({ code: timedOut ? 124 : (code ?? 137), ...text });
    });
  });
  const handle: Child = { pid, result, signal: (name) => void child.kill(name), kill };
  running.add(handle);
  return handle;
}

/** Kills whatever still runs: the tests end, for good or because of a Ctrl-C. */
export function killAll(): void {
  for (const child of running) child.kill();
}
