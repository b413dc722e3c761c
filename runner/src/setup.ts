import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";

import { endRun } from "./processes";

/** Seconds. */
const LIMIT = 1800;

export interface Setup {
  readonly command: string;
  /** Where Ralph will work. */
  readonly folder: string;
  /** The agent's: what it prepares is for the agent, and it is as trusted as the repository. */
  readonly env: NodeJS.ProcessEnv;
  /** Seconds that the run has left. */
  readonly left: number;
  readonly line: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Runs the command that prepares a repository. @returns why it failed; undefined if it did not */
export async function runSetup({
  command,
  folder,
  env,
  left,
  line,
  signal,
}: Setup): Promise<string | undefined> {
  const mark = randomUUID();
  const seconds = Math.min(LIMIT, left);
  for (const each of [folder, env.HOME ?? folder]) mkdirSync(each, { recursive: true });
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: folder,
    env: { ...env, RUNNER_RUN: mark },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let last = "";
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (text) => {
      if (text.trim() !== "") last = text;
      line(text);
    });
  let reason: string | undefined;
  const stop = (why: string): void => {
    reason ??= why;
    void endRun(`RUNNER_RUN=${mark}`);
  };
  const late = setTimeout(() => stop(`took more than ${seconds} s`), seconds * 1000);
  const interrupt = (): void => stop("was interrupted");
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("exit", (exit) => resolve(exit));
    });
    await endRun(`RUNNER_RUN=${mark}`);
    return reason ?? (code === 0 ? undefined : `exited with ${code ?? "a signal"}: ${last}`);
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", interrupt);
  }
}
