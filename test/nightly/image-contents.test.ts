/**
 * Proves that the image can be built with more packages and on a base of the user's, as `ralph:image.packages` and
 * `ralph:image.base` ask for: one without Node, with another user, and with a name for the user's number. The real
 * Dockerfile is built by buildah, and what is in it is run.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Progress } from "../../lib/progress";
import { buildahIn, nodeImages } from "../../local/node/images";
import { inspectMachine } from "../../local/node/requirements";

const CONTAINER = "ralph-image-contents";

describe("the image on a base of the user's", () => {
  let dir: string | undefined;
  let buildah: ReturnType<typeof buildahIn>;

  before(async function () {
    this.timeout(60 * 60_000); // Ralph may have to be built
    const machine = inspectMachine();
    if (!("programs" in machine)) {
      console.log("      skipped: this machine cannot build images");
      return this.skip();
    }
    const [, runner] = await nodeImages(machine, new Progress(2), {
      packages: ["python3"],
      base: [
        "RUN useradd --uid 1000 dev && useradd --uid 4321 builder",
        "RUN rm /usr/local/bin/node",
        "USER 4321",
      ],
    });
    dir = mkdtempSync(join(tmpdir(), "image-contents-"));
    buildah = buildahIn(dir, machine.programs);
    await buildah("from", `--name=${CONTAINER}`, `oci-archive:${runner}`);
  });
  after(async () => {
    if (dir === undefined) return;
    await buildah("rm", CONTAINER).catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  });

  const inside = async (script: string): Promise<string> =>
    (await buildah("run", "--isolation=chroot", CONTAINER, "--", "bash", "-ec", script)).trim();

  it("has the packages, Node and Ralph, and runs as the user with the number of all pods", async () => {
    assert.equal(await inside("id -u; id -g; id -un"), "1000\n1000\ndev");
    assert.match(await inside("python3 --version"), /^Python 3\./);
    assert.match(await inside("node --version"), /^v24\./);
    assert.match(await inside("ralph --version"), /\d+\.\d+\.\d+/);
    assert.match(await inside("/app/bin/entry --help"), /^usage: runner/);
  });
});
