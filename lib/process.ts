import { spawn, type StdioOptions } from "node:child_process";
import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { Interrupted } from "./errors";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const interrupter = new AbortController();
/** Aborts, with `Interrupted` as its reason, when the user asks to stop. */
export const interruption = interrupter.signal;
setMaxListeners(0, interruption); // one listener for each running child, and many run at once
let listening = false;

/**
 * Handles Ctrl-C: it stops running children, lets every `finally` run, and surfaces as `Interrupted`. Without this
 * call Node's default applies, and the process dies at once.
 */
export function listenForInterrupts(): void {
  listening = true;
  for (const signal of SIGNALS) {
    process.on(signal, () => interrupter.abort(new Interrupted(signal)));
  }
}

/** Waits that many milliseconds. Ctrl-C ends the wait. */
export async function pause(milliseconds: number): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: interruption });
  } catch (error) {
    throw interruption.reason ?? error;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  /** The child's whole environment. Default: the parent's. */
  readonly env?: NodeJS.ProcessEnv;
  /** `inherit` streams to the screen, `capture` returns the text. Default: capture. */
  readonly output?: "inherit" | "capture";
  /** Called with captured output of both streams as it arrives. */
  readonly onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  /** Text for the child's standard input. Default: empty. */
  readonly input?: string;
  /** Milliseconds after which the child is killed and the code is 124, as `timeout` does. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds between asking a child to stop and killing it. */
const GRACE = 120_000;

/**
 * Runs a program until it exits. A non-zero exit code is a result, not an exception; a program that cannot be started
 * is code 127. Ctrl-C is forwarded once, the child is awaited, then `Interrupted` is thrown.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  interruption.throwIfAborted();
  const piped = options.output !== "inherit";
  const stdio: StdioOptions = [
    options.input === undefined ? "ignore" : "pipe",
    piped ? "pipe" : "inherit",
    piped ? "pipe" : "inherit",
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio,
      // Its own process group: a terminal sends Ctrl-C to the parent's whole group, and a child that receives both
      // that signal and the forwarded one would take it for a second, impatient Ctrl-C.
      detached: listening,
    });
    const end = (signal: NodeJS.Signals): void => {
      try {
        if (listening && child.pid !== undefined) process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch {
        // already ended
      }
    };
    const timers: NodeJS.Timeout[] = [];
    const later = (milliseconds: number, action: () => void): void => {
      timers.push(setTimeout(action, milliseconds));
    };

    let timedOut = false;
    if (options.timeout !== undefined) {
      later(options.timeout, () => {
        timedOut = true;
        end("SIGKILL");
      });
    }
    const onInterrupt = (): void => {
      end((interruption.reason as Interrupted).signal);
      later(GRACE, () => end("SIGKILL"));
    };
    interruption.addEventListener("abort", onInterrupt, { once: true });

    const text = { stdout: "", stderr: "" };
    const capture = (stream: "stdout" | "stderr") => (chunk: string) => {
      text[stream] += chunk;
      options.onOutput?.(chunk, stream);
    };
    child.stdout?.setEncoding("utf8").on("data", capture("stdout"));
    child.stderr?.setEncoding("utf8").on("data", capture("stderr"));
    child.stdin?.on("error", () => undefined); // the child may close its input early
    child.stdin?.end(options.input);

    const settle = (code: number): void => {
      timers.forEach(clearTimeout);
      interruption.removeEventListener("abort", onInterrupt);
      if (interruption.aborted) reject(interruption.reason as Interrupted);
      else resolve({ code: timedOut ? 124 : code, ...text });
    };
    child.on("error", (error) => {
      text.stderr += error.message;
      settle(127);
    });
    child.on("close", (code, signal) => settle(code ?? (signal === null ? 1 : 137)));
  });
}
