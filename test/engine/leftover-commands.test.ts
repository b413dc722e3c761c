/**
 * Proves for each cloud: whatever a destroyed stack leaves behind, the commands that `leaks` and `destroy` print delete all
 * of it if they are run line by line in the printed order, refuse nothing on the way, and touch nothing else, not even a
 * stack with almost the same names; and that `leaks` then reports nothing although the vendors' lists still have it. The
 * stand-ins refuse a wrong order as the vendors do, or this would prove nothing. Two draws a cloud here; the nightly
 * suite makes more, and runs the commands in a shell. LEFTOVERS_SEED=7 draws others.
 */
import { CASES } from "./leftovers/cases";
import { deletesSome } from "./leftovers/check";

const SEED = Number(process.env.LEFTOVERS_SEED ?? 1);

for (const given of CASES)
  describe(`the commands for leftovers on ${given.place.cloud}`, () => {
    deletesSome(given, SEED, 2);
  });
