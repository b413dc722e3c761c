/**
 * Proves for each cloud, with other draws every night, that the commands which `leaks` and `destroy` print delete what is
 * left of a stack and nothing else, and that a shell can run them as they are printed.
 */
import { CASES } from "../engine/leftovers/cases";
import { deletesAllByShell, deletesSome } from "../engine/leftovers/check";
import { SEED } from "./seed";

for (const given of CASES)
  describe(`the commands for leftovers on ${given.place.cloud}`, () => {
    deletesSome(given, SEED, 12);
    deletesAllByShell(given);
  });
