import fc from "fast-check";

/** Where the stacks run: on the API server alone, or on the stub of a cloud. */
export const PLACES = ["local", "gke", "eks", "aks"] as const;
export type PlaceName = (typeof PLACES)[number];

/**
 * Which process is killed. `run` is what a user or the loss of a machine kills: Ctrl-C, or everything at once. The
 * others are one process each, and its clients continue without it.
 */
export const VICTIMS = {
  run: ["SIGINT", "SIGKILL"],
  engine: ["SIGKILL"],
  provider: ["SIGINT", "SIGKILL"],
  cloud: ["SIGINT", "SIGKILL"],
  "api-server": ["SIGINT", "SIGKILL"],
} as const satisfies Readonly<Record<string, readonly NodeJS.Signals[]>>;
export type Victim = keyof typeof VICTIMS;

/** One interruption of a run of the engine. */
export interface Interruption {
  readonly victim: Victim;
  readonly signal: NodeJS.Signals;
  /** At the nth step that the engine displays: a creation, an update or a deletion that begins or ends. */
  readonly point: number;
}

/** A stack's life cycle with one interruption in its `up` and one in its `destroy`. */
export interface Life {
  readonly seed: number;
  readonly place: PlaceName;
  readonly up: Interruption;
  /** Whether the `up` is completed before the destroy. */
  readonly completed: boolean;
  readonly destroy: Interruption;
}

/** About as many as the engine displays in a whole run: some interruptions come too late, which is a case too. */
const STEPS: Readonly<Record<PlaceName, number>> = { local: 30, gke: 60, eks: 140, aks: 80 };

/**
 * The life cycle of a seed. Places and victims rotate, so that any few consecutive seeds cover both; the rest is
 * random.
 */
export function draw(seed: number): Life {
  const place = PLACES[seed % PLACES.length] ?? "local";
  const victims = (Object.keys(VICTIMS) as Victim[]).filter(
    (victim) => victim !== "cloud" || place !== "local",
  );
  const turn = Math.floor(seed / PLACES.length);
  const [signals = 0, first = 0, second = 0, completed = 0] =
    fc.sample(fc.noBias(fc.array(fc.noBias(fc.nat(999)), { minLength: 4, maxLength: 4 })), {
      seed,
      numRuns: 1,
    })[0] ?? [];
  const interruption = (victim: Victim, drawn: number): Interruption => {
    const names: readonly NodeJS.Signals[] = VICTIMS[victim];
    return {
      victim,
      signal: names[signals % names.length] ?? "SIGKILL",
      point: 1 + Math.floor((drawn / 1000) * STEPS[place]),
    };
  };
  const victim = (offset: number): Victim => victims[(turn + offset) % victims.length] ?? "run";
  return {
    seed,
    place,
    up: interruption(victim(0), first),
    completed: completed % 2 === 0,
    destroy: interruption(victim(2), second),
  };
}
