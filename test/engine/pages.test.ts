/**
 * Proves that the page of each cloud works as printed: every command of its blocks, in their order, by a user with a new
 * home folder and a clone, on stand-ins for the cloud that know no login unless the page makes one. The stack comes up,
 * the image is in its registry, and what the page deletes leaves nothing behind. Each command of the page is needed, or
 * listed with the reason why not: test/nightly/pages.test.ts runs each page without each of them, and here runs one.
 */
import assert from "node:assert/strict";

import { linesOf, PAGES } from "./pages/cases";
import { failsWithout, worksAsPrinted } from "./pages/check";

for (const page of PAGES) {
  const { cloud, mutants, free } = page;

  describe(`docs/clouds/${cloud}.md`, function () {
    this.timeout("480s");

    it("has no command that is neither needed nor listed", () => {
      const lines = linesOf(page);
      const known = [...mutants.map(({ without }) => without), ...free.map(([command]) => command)];
      assert.deepEqual(
        lines.filter((line) => !known.some((command) => command.test(line))),
        [],
      );
      for (const command of known)
        assert.ok(
          lines.some((line) => command.test(line)),
          `${command.source}`,
        );
    });

    if (cloud === "gke") failsWithout(page, mutants[0] ?? assert.fail("no mutant"));
    worksAsPrinted(page);
  });
}
