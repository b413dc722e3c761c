import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { ChosenAgent } from "./agents";
import { parseStreamLine, type StreamLine } from "./claude-stream";
import { type Agent, AGENTS } from "./contract";
import type { Outage } from "./outage";
import { OutageReader } from "./outage-reader";

export interface FailedProbe extends Outage {
  /** The program has ended by itself without a word on the API: it may fail for any reason. */
  readonly crashed?: true;
}

interface Probe {
  readonly agent: ChosenAgent;
  readonly model: string | undefined;
  /** Milliseconds after which the call counts as failed. */
  readonly timeout: number;
  /** Called with what the call has cost. */
  readonly spent: (line: StreamLine) => void;
}

/**
 * The smallest call of an agent: whether its model's API answers.
 *
 * @returns why it failed; undefined if it succeeded, or if the agent has no such call
 */
export async function probe(
  { agent, model, timeout, spent }: Probe,
  signal: AbortSignal,
): Promise<FailedProbe | undefined> {
  const { probe: call, modelFlag }: Agent = AGENTS[agent.name];
  if (call === undefined) return undefined;
  const home = mkdtempSync(join(tmpdir(), "probe-"));
  try {
    const flags = model === undefined || modelFlag === undefined ? [] : [modelFlag, model];
    const child = spawn(agent.program, [...call.args, ...flags], {
      cwd: home,
      env: { ...agent.env, ...call.variables, HOME: home, XDG_CACHE_HOME: home, NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true, // ends with everything that it starts
    });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has just exited
      }
    };
    const timer = setTimeout(end, timeout);
    signal.addEventListener("abort", end, { once: true });
    const reader = new OutageReader(agent.name);
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const claude = agent.name === "claude" ? parseStreamLine(line) : undefined;
        if (claude !== undefined) spent(claude);
        if (reader.line(line) !== undefined) end();
      });
    child.stdin.on("error", () => undefined); // it need not read it
    child.stdin.end(call.input ?? "");
    const code = await new Promise<number | null>((resolve) => {
      child.on("error", () => resolve(null));
      child.on("close", (status) => resolve(status));
    });
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    end();
    if (code === 0 || signal.aborted) return undefined;
    const outage = reader.ended(1);
    if (outage !== undefined) return outage;
    return {
      reason: "unreachable",
      message: lastWords(lines),
      ...(code === null ? {} : { crashed: true }),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const lastWords = (lines: readonly string[]): string =>
  lines
    .filter((line) => line.trim() !== "" && !line.startsWith("{"))
    .at(-1)
    ?.slice(0, 300) ?? "no answer";
