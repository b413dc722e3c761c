import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startControlPlane } from "../local/control-plane";
import { LOCAL } from "../local/stacks";
import { ensureToolchain } from "../local/tools/toolchain";
import { cloudFigures } from "./clouds";
import type { Figure } from "./figures";
import { lifecycleFigures } from "./lifecycle";
import { loadFigures } from "./load";
import { NAME } from "./project";

/**
 * Measures everything on a separate control plane. Also writes the figures to `.local/bench.json`.
 *
 * @param sizes numbers of tasks to measure with
 * @param say prints the name of each step
 */
export async function measure(
  sizes: readonly number[],
  say: (text: string) => void,
): Promise<readonly Figure[]> {
  const folder = join(LOCAL, "bench");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const toolchain = await ensureToolchain();
  const figures: Figure[] = [];
  const add = async (step: string, work: () => Promise<Figure[]>) => {
    say(`${step} ...`);
    figures.push(...(await work()));
  };

  await add("loading each stack's program, compared with one written the usual way", loadFigures);
  const plane = await startControlPlane({ dir: join(folder, "plane"), name: NAME, toolchain });
  try {
    for (const size of sizes) {
      await add(`deploying ${size} task(s), compared with kubectl`, () =>
        lifecycleFigures(folder, toolchain, plane, size),
      );
    }
    await add("each cloud's stack with stub plugins", () => cloudFigures(folder, toolchain, plane));
  } finally {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  writeFileSync(join(LOCAL, "bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
  return figures;
}
