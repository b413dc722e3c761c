/**
 * Not a test: `npm run dashboard-picture` runs it. Draws docs/dashboard.svg from a new recording.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../../lib/repository";
import { pictureOrSkip } from "./take";

describe("the picture of the dashboard", () => {
  it("is drawn", async function () {
    const { svg } = await pictureOrSkip(this);
    writeFileSync(join(REPOSITORY, "docs", "dashboard.svg"), svg);
  });
});
