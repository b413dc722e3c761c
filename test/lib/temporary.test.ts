/** Proves that the temporary files of a run are deleted with it, however it ends. */
import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { withTemporaryFolder } from "../../lib/temporary";

describe("the folder for temporary files", () => {
  let folder: string;
  const leaveFile = (path: string): void => {
    folder = path;
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    writeFileSync(join(folder, "kubeconfig123"), "token");
  };

  it("is deleted when the work is done, and the work's result is returned", async () => {
    const result = await withTemporaryFolder((path) => Promise.resolve(leaveFile(path)).then(() => "done"));
    assert.deepEqual([result, existsSync(folder)], ["done", false]);
  });

  it("is deleted when the work fails", async () => {
    const failing = withTemporaryFolder((path) =>
      Promise.resolve(leaveFile(path)).then(() => Promise.reject(new Error("no"))),
    );
    await assert.rejects(failing, /no/);
    assert.equal(existsSync(folder), false);
  });
});
