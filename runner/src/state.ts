import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Outcome } from "./contract";
import type { PromptState } from "./metrics";
import type { Spent } from "./spending";

/** How often a failed prompt is retried, and after how many seconds first: the same as for Jobs. */
const RETRIES = 3;
const FIRST_RETRY_SECONDS = 10;

/** The state of a unit between its runs, stored on the volume. */
export interface State {
  /** Hash of its prompt. */
  readonly hash: string;
  readonly runs: number;
  /**
   * Failed runs. A run in progress counts as failed until its first iteration completes, because it may crash its
   * container.
   */
  readonly failures: number;
  /** Duration of its runs in seconds: the runtime limit applies to all of them together. */
  readonly seconds: number;
  readonly iterations: number;
  /** What its runs have cost, as far as the agent reports it. */
  readonly costUsd?: number;
  readonly tokens?: Spent["tokens"];
  /** Undefined during a run, and after a run that was killed. */
  readonly outcome?: Outcome;
  /** Time of the outcome, as ISO 8601. */
  readonly ended?: string;
}

const stateFile = (folder: string): string => join(folder, "state.json");

/** @returns undefined before the first run. Earlier runners counted only runs. */
export function readState(folder: string): State | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFile(folder), "utf8")) as State & { failures?: number };
    return { ...state, failures: state.failures ?? (state.outcome === "failed" ? state.runs : 0) };
  } catch {
    return undefined;
  }
}

/** Writes the state atomically. */
export function writeState(folder: string, state: State): State {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stateFile(folder)}.new`, JSON.stringify(state));
  renameSync(`${stateFile(folder)}.new`, stateFile(folder));
  return state;
}

/** Outcomes after which a unit is run again. */
const AGAIN: readonly (Outcome | undefined)[] = [undefined, "failed", "setup", "interrupted", "unavailable"];

/** Whether the work is over after this outcome, for good or for ill. */
export const isFinal = (outcome: Outcome | undefined): boolean => !AGAIN.includes(outcome);

/** Whether the unit should run now, judging by its state alone: another worker may hold the claim. */
export function isDue(state: State | undefined, now = Date.now()): boolean {
  if (state?.outcome !== "failed" && state?.outcome !== "setup") return !isFinal(state?.outcome);
  const wait = FIRST_RETRY_SECONDS * 2 ** (state.failures - 1) * 1000;
  return state.failures <= RETRIES && now >= Date.parse(state.ended ?? "") + wait;
}

/** Whether its runs were killed too often to try again. Only the holder of its claim knows that none is in progress. */
export const exhaustedRetries = (state: State | undefined): state is State =>
  state !== undefined && state.outcome === undefined && state.failures > RETRIES;

/**
 * Lets a unit run again that has ended without success. One whose tries have failed continues its loop with as many new
 * ones. One that reached a limit, got nowhere or was stopped starts over where its files are: its loop is at an end.
 */
export function reset(folder: string, state: State): void {
  if (isFinal(state.outcome)) rmSync(stateFile(folder));
  else writeState(folder, { ...state, failures: 0, outcome: "interrupted" });
}

/** The state of its prompt, as seen without its claim. */
export function promptState(state: State | undefined): PromptState {
  if (state === undefined) return "pending";
  switch (state.outcome) {
    case undefined:
      return "running";
    case "interrupted":
    case "unavailable":
      return "pending";
    case "failed":
    case "setup":
      return state.failures <= RETRIES ? "pending" : "failed";
    case "stuck":
      return "failed";
    default:
      return state.outcome;
  }
}
