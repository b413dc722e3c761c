/** Proves that each command of the clouds' pages is needed: a page that loses one fails at a later one, which says why. */
import { PAGES } from "../engine/pages/cases";
import { failsWithout } from "../engine/pages/check";

for (const page of PAGES)
  describe(`docs/clouds/${page.cloud}.md`, function () {
    this.timeout("480s");
    for (const mutant of page.mutants) failsWithout(page, mutant);
  });
