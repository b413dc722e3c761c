import { setTimeout as delay } from "node:timers/promises";

import { lacksKey } from "./agents";
import type { Settings } from "./settings";

/** Milliseconds. */
const TIMING = {
  poll: 5_000,
  /** A pod of `auto` has no files of keys. Its restarts are spaced by Kubernetes' back-off, up to five minutes. */
  auto: 60_000,
  /** A login without files, such as an identity, also shows at a restart only. After so long the back-off has ended. */
  named: 660_000,
};

/**
 * What a worker waits for that starts before a Secret of the user's exists; undefined if it has a key, or none to wait for.
 * Such a worker is ready: it cannot work, but the rollout is over, so that `pulumi up` ends and the Secret can be created.
 */
export const awaitedKey = (
  { agent, prompt, keySecret }: Pick<Settings, "agent" | "prompt" | "keySecret">,
  env: NodeJS.ProcessEnv,
): string | undefined =>
  prompt === undefined && keySecret !== undefined && lacksKey(agent, env)
    ? `No key yet: the Secret ${keySecret} does not exist, or has no key of the agent ${agent}.`
    : undefined;

/**
 * Aborts once a restart of the container may find the key: the variables of a Secret are read as a container starts, so the
 * key alone, which arrives as a file, is not all that the Secret has.
 *
 * @param keys reads the files of keys
 */
export function keyArrival(
  agent: Settings["agent"],
  keys: () => NodeJS.ProcessEnv,
  signal: AbortSignal,
  timing = TIMING,
): AbortSignal {
  const arrival = new AbortController();
  const end = Date.now() + (agent === "auto" ? timing.auto : timing.named);
  void (async () => {
    while (!signal.aborted && lacksKey(agent, keys()) && Date.now() < end)
      await delay(timing.poll, undefined, { signal }).catch(() => undefined);
    arrival.abort();
  })();
  return arrival.signal;
}
