/** Proves that what a run leaves among its temporary files is gone with it, however it ends. */
import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { withTemporaryFolder } from "../../lib/temporary";

describe("the folder for temporary files", () => {
  let folder: string;
  const leave = (given: string): void => {
    folder = given;
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    writeFileSync(join(folder, "kubeconfig123"), "token");
  };

  it("is gone when the work is done, whose result it gives", async () => {
    const result = await withTemporaryFolder((given) => Promise.resolve(leave(given)).then(() => "done"));
    assert.deepEqual([result, existsSync(folder)], ["done", false]);
  });

  it("is gone when the work fails", async () => {
    const failing = withTemporaryFolder((given) =>
      Promise.resolve(leave(given)).then(() => Promise.reject(new Error("no"))),
    );
    await assert.rejects(failing, /no/);
    assert.equal(existsSync(folder), false);
  });
});
