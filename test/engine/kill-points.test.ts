/**
 * Proves on the real engine, on each stub of a cloud and a real API server: whichever process is killed at
 * whatever point of `pulumi up` or `./ralphctl destroy` (the run, the engine, a provider, the API server),
 * `./ralphctl recover` makes the stack usable, `pulumi up` resumes, and `./ralphctl destroy` leaves nothing: not
 * in the state, not in the cloud, not on the API server. Here only a few interruptions, spread over clouds and
 * victims; `npm run kill-points` runs any number, and KILL_POINTS_SEED=7 draws others here.
 */
import assert from "node:assert/strict";

import { draw, PLACES, VICTIMS } from "./kill-points/draw";
import { live } from "./kill-points/live";

/** One life cycle for each place; with two interruptions each, every victim is covered. */
const SEED = Number(process.env.KILL_POINTS_SEED ?? 0);
const LIVES = PLACES.map((_, i) => draw(SEED + i * (PLACES.length + 1)));

describe("a run that is interrupted at a random point", () => {
  it("is drawn for every place and every victim", () => {
    assert.deepEqual(new Set(LIVES.map(({ place }) => place)), new Set(PLACES));
    const victims = LIVES.flatMap(({ up, destroy }) => [up.victim, destroy.victim]);
    assert.deepEqual(new Set(victims), new Set(Object.keys(VICTIMS)));
  });

  for (const life of LIVES) {
    const { seed, place, up, destroy } = life;
    const named = ({ victim, signal, point }: typeof up) => `${signal} to ${victim} at step ${point}`;
    it(`on ${place}: up with ${named(up)}, destroy with ${named(destroy)} (seed ${seed})`, async () => {
      for (const { clean, problem } of await live(life)) assert.ok(clean, problem);
    });
  }
});
