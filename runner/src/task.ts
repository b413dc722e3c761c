import { setTimeout as delay } from "node:timers/promises";

import type { ChosenAgent } from "./agents";
import type { Claim, Claims } from "./claims";
import { type Environment, execute } from "./execute";
import type { End } from "./contract";
import { readPrompt, task, type Unit } from "./layout";
import { fullVolume, isFull } from "./storage";
import type { Report } from "./report";
import { SourceError } from "./source";
import type { State } from "./state";

/** Milliseconds between two attempts to get a claim that another pod holds. */
const POLL = 1_000;
/** Seconds between two attempts to push the result. */
const PUSH_RETRIES = [2, 10, 30];

/** The Jobs' mode: one prompt, one run. */
export async function runTask(
  file: string,
  agent: ChosenAgent | string,
  claims: Claims,
  environment: Environment,
): Promise<End> {
  const { layout, log, signal, settings, availability, publisher } = environment;
  const prompt = readPrompt(file);
  if (prompt === undefined) {
    log("the prompt is missing or empty", { prompt: file });
    return "prompt";
  }
  if (typeof agent === "string") {
    log(agent);
    return "configuration";
  }
  const unit = task(prompt, layout);
  const claim = await waitForClaim(unit, claims, environment);
  if (claim === undefined) return "interrupted";
  const began = performance.now();
  try {
    for (let waited = 0; ;) {
      const left = Math.max(1, Math.floor(settings.maxRuntime - waited));
      const limited = { ...environment, settings: { ...settings, maxRuntime: left } };
      const state = await prepared(() => execute(unit, prompt.content, claim, agent, limited), environment);
      if (state === "source") return "source";
      // Taken over after a freeze: the other pod's outcome counts.
      if (state === undefined) return "interrupted";
      const report = { name: unit.name, prompt: prompt.content, agent: agent.name, state };
      if (state.outcome !== "unavailable") {
        await push(unit, report, environment);
        return state.outcome ?? "interrupted";
      }
      await publisher.push(unit, report); // the pod may not live until the API is back
      if (availability.pause?.reason === "unauthorized") return "configuration";
      const from = performance.now();
      if (!(await waitForApi(began + settings.maxRuntime * 1000, environment)))
        return signal.aborted ? "interrupted" : "unavailable";
      waited += (performance.now() - from) / 1000;
    }
  } catch (error) {
    if (!isFull(error)) throw error;
    log(fullVolume(layout.workspace), { prompt: unit.name });
    return "storage";
  } finally {
    if (claim.held()) claim.release();
    if (signal.aborted) log("stopped by a signal");
  }
}

/** @param deadline after which a run would have no time left, on the monotonic clock */
async function waitForApi(
  deadline: number,
  { availability, metrics, signal }: Environment,
): Promise<boolean> {
  while (!signal.aborted && !(await availability.ready(signal))) {
    const next = (availability.pause?.next ?? 0) - Date.now();
    if (performance.now() + next >= deadline) return false;
    metrics.progress();
    await delay(POLL, undefined, { signal }).catch(() => undefined);
  }
  return !signal.aborted;
}

/** Waits for the repository that the unit works on, as long as a server's restart may take. */
async function prepared(
  run: () => Promise<State | undefined>,
  { log, metrics, signal }: Environment,
): Promise<State | "source" | undefined> {
  for (const seconds of [...PUSH_RETRIES, undefined]) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      log(error.message);
      if (seconds === undefined || signal.aborted) return "source";
      metrics.progress();
      await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  }
  return "source";
}

/** Pushes with retries: unlike a worker's, a task's volume may be deleted with its pod. */
async function push(unit: Unit, report: Report, { publisher, signal }: Environment): Promise<void> {
  for (const seconds of PUSH_RETRIES) {
    if ((await publisher.push(unit, report)) || signal.aborted) return;
    await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
  }
  await publisher.push(unit, report);
}

/** On a shared volume another pod may be running the same prompt, or the claim of a dead one may not have expired. */
async function waitForClaim(
  { state, name }: Unit,
  claims: Claims,
  { log, metrics, signal }: Environment,
): Promise<Claim | undefined> {
  for (let logged = false; !signal.aborted; logged = true) {
    const claim = claims.take(state);
    if (claim !== undefined) return claim;
    if (!logged) log("waiting for another pod that is running the prompt", { prompt: name });
    metrics.progress();
    await delay(POLL, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
