import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { Claims } from "./claims";
import type { EndedPrompt, Retried, RetryAnswer } from "./contract";
import { isCalled, type Layout, queued, retryMark, unique, type Unit } from "./layout";
import { Queue } from "./queue";
import type { Settings } from "./settings";
import { promptState, readState, reset } from "./state";

/** Seconds to wait for a claim: longer than the lease of a worker that was killed. */
const PATIENCE = 40;

const ALL = "--all";

const ENDED: readonly string[] = ["failed", "limit", "stopped"] satisfies EndedPrompt["state"][];

/**
 * Has the workers run prompts again that ended without success; prompts that run, wait or are completed stay as they
 * are. Without names it changes nothing.
 *
 * @param names as in the log, or of the prompts' files; `--all` for every failed one
 */
export async function retry(
  names: readonly string[],
  { skipPrompts }: Pick<Settings, "skipPrompts">,
  layout: Layout,
  claims = new Claims(`retry-${randomUUID()}`),
): Promise<RetryAnswer> {
  const prompts = new Queue(layout, skipPrompts).read();
  const units = unique(prompts).map((prompt) => queued(prompt, layout));
  const called = (name: string): string[] =>
    prompts.filter((prompt) => isCalled(queued(prompt, layout), name)).map(({ hash }) => hash);
  const wanted = names.filter((name) => name !== ALL);
  const hashes = wanted.flatMap(called);
  const chosen = units.filter(
    ({ prompt, state }) =>
      hashes.includes(prompt.hash) || (names.includes(ALL) && promptState(readState(state)) === "failed"),
  );
  const unknown = wanted.filter((name) => called(name).length === 0);
  const results = [
    ...(await Promise.all(
      chosen.map(async (unit) => ({ prompt: unit.name, result: await retryUnit(unit, claims) })),
    )),
    ...unknown.map((prompt) => ({ prompt, result: "unknown" as const })),
  ];
  if (results.some(({ result }) => result === "retried")) writeFileSync(retryMark(layout), randomUUID());
  return { ended: units.flatMap(endedPrompt), results };
}

async function retryUnit(unit: Unit, claims: Claims): Promise<Retried> {
  for (let waited = 0; waited < PATIENCE; waited++) {
    if (!hasEnded(unit)) return stateOf(unit);
    // A worker holds the claim until it has pushed the result.
    const claim = claims.take(unit.state);
    if (claim !== undefined)
      try {
        const state = readState(unit.state);
        if (state === undefined || !hasEnded(unit)) return stateOf(unit);
        reset(unit.state, state);
        return "retried";
      } finally {
        claim.release();
      }
    await delay(1000);
  }
  return "busy";
}

const hasEnded = ({ state }: Unit): boolean => ENDED.includes(promptState(readState(state)));
const stateOf = ({ state }: Unit): Retried => promptState(readState(state)) as Retried;

function endedPrompt(unit: Unit): EndedPrompt[] {
  const state = readState(unit.state);
  const seen = promptState(state);
  if (state?.outcome === undefined || !ENDED.includes(seen)) return [];
  const { outcome, runs, iterations, ended } = state;
  return [
    {
      ...{ name: unit.name, file: unit.prompt.file, state: seen as EndedPrompt["state"], outcome },
      // An agent can write this file, and what is printed here goes to a terminal.
      ...{ runs: Number(runs), iterations: Number(iterations) },
      ...(Date.parse(ended ?? "") > 0 ? { ended: new Date(ended ?? "").toISOString() } : {}),
    },
  ];
}
