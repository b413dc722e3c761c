import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Outcome } from "./contract";
import type { PromptState } from "./metrics";

/** How often a prompt that has failed is tried again, and after how many seconds the first time, as Jobs are. */
const RETRIES = 3;
const FIRST_RETRY_SECONDS = 10;

/** What is kept of a unit between its runs, on the volume. */
export interface State {
  /** Hash of the prompt that it is about. */
  readonly hash: string;
  readonly runs: number;
  /**
   * Runs that have failed. One that is under way counts until it has completed an iteration: it may be killed, and
   * be what kills its container.
   */
  readonly failures: number;
  /** Seconds that its runs have taken: the limit of runtime is for all of them together. */
  readonly seconds: number;
  readonly iterations: number;
  /** Undefined while it is under way, and after a run that was killed. */
  readonly outcome?: Outcome;
  /** When, as ISO 8601. */
  readonly ended?: string;
}

const stateFile = (folder: string): string => join(folder, "state.json");

/** Undefined before the first run. Earlier runners counted runs alone. */
export function readState(folder: string): State | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFile(folder), "utf8")) as State & { failures?: number };
    return { ...state, failures: state.failures ?? (state.outcome === "failed" ? state.runs : 0) };
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
export function writeState(folder: string, state: State): State {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stateFile(folder)}.new`, JSON.stringify(state));
  renameSync(`${stateFile(folder)}.new`, stateFile(folder));
  return state;
}

/** Whether it is to be worked on now, as far as its state goes: somebody else may hold the claim. */
export function isDue(state: State | undefined, now = Date.now()): boolean {
  if (state?.outcome !== "failed") return state?.outcome === undefined || state.outcome === "interrupted";
  const wait = FIRST_RETRY_SECONDS * 2 ** (state.failures - 1) * 1000;
  return state.failures <= RETRIES && now >= Date.parse(state.ended ?? "") + wait;
}

/** Whether its runs were killed so often that it is given up: only who holds its claim knows that none goes on. */
export const isDeadly = (state: State | undefined): state is State =>
  state !== undefined && state.outcome === undefined && state.failures > RETRIES;

/** What it counts as, for whoever does not hold its claim. */
export function promptState(state: State | undefined): PromptState {
  if (state === undefined || state.outcome === "interrupted") return "pending";
  if (state.outcome === undefined) return "running";
  return state.outcome === "failed" && state.failures <= RETRIES ? "pending" : state.outcome;
}
