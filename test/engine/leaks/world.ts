import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { installStubClouds, type StubClouds } from "../../../stub-clouds/install";
import { environment } from "../../support/environment";

/** A world for the tests of one suite, whose vendors' programs come first on PATH; `path` is the PATH without them. */
export function useWorld(): { readonly clouds: StubClouds; readonly dir: string; readonly path: string } {
  const path = process.env.PATH ?? "";
  const dir = mkdtempSync(join(tmpdir(), "ralph-leaks-"));
  const clouds = installStubClouds(join(dir, "home"), { dir: join(dir, "world"), plugins: [] });
  let restore: () => void;
  before(() => {
    restore = environment();
    process.env.PATH = clouds.environment(path).PATH;
  });
  after(() => {
    restore();
    rmSync(dir, { recursive: true });
  });
  return { clouds, dir, path };
}
