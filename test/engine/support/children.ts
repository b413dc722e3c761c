import { spawn } from "node:child_process";
import { join } from "node:path";

import type { RunResult } from "../../../lib/process";
import { processesOf } from "../../../lib/processes";
import { pluginFolder } from "../../../local/tools/provider";

/** A running program, in its own process group. */
export interface Child {
  readonly pid: number;
  readonly result: Promise<RunResult>;
  /** Signals the program itself, as a CI runner does when it cancels. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Sends SIGKILL to its whole group. */
  readonly kill: () => void;
}

const running = new Set<Child>();
let over = false;

/** Milliseconds after which any program here is killed: longer than the slowest, shorter than a test. */
const TIMEOUT = 180_000;

/** Starts a program, which cannot outlive its timeout. Exit code 124 means a timeout, 137 a SIGKILL. */
export function start(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly timeout?: number;
    /** Receives both outputs as they arrive. */
    readonly onOutput?: (text: string) => void;
  },
): Child {
  const { cwd, env, timeout = TIMEOUT, onOutput } = options;
  if (over) throw new Error("the run is ending: no program is started any more");
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);

  const kill = (): void => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // it has just exited by itself
    }
  };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeout);

  const text = { stdout: "", stderr: "" };
  const capture = (stream: keyof typeof text) => (chunk: string) => {
    text[stream] += chunk;
    onOutput?.(chunk);
  };
  child.stdout.setEncoding("utf8").on("data", capture("stdout"));
  child.stderr.setEncoding("utf8").on("data", capture("stderr"));
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

/** Providers outlive a killed engine; the end of a machine or a container ends them too. */
export function killProviders(pulumiHome: string): void {
  const plugin = join(pluginFolder(pulumiHome), "pulumi-resource-kubernetes");
  for (const pid of processesOf(plugin)) process.kill(pid, "SIGKILL");
}

/** Kills everything that still runs. */
export function killAll(): void {
  for (const child of running) child.kill();
}

/** The same permanently, at the end of the run or on Ctrl-C: tests that are still running can start nothing more. */
export async function endAll(): Promise<void> {
  over = true;
  killAll();
  await Promise.all([...running].map(({ result }) => result));
}
