import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

import { cloudFigures } from "../bench/clouds";
import { type Figure, table } from "../bench/figures";
import { lifecycleFigures } from "../bench/lifecycle";
import { loadFigures } from "../bench/load";
import { NAME } from "../bench/project";
import { startControlPlane } from "../local/control-plane";
import { main } from "../lib/main";
import { LOCAL } from "../local/stacks";
import { ensureToolchain } from "../local/tools/toolchain";

const program = new Command("bench")
  .description("Measures the program beside the usual ways of doing the same, in one run.")
  .option("--tasks <numbers>", "numbers of tasks to measure with", "1,10,100")
  .action(async ({ tasks }: { tasks: string }) => {
    const folder = join(LOCAL, "bench");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const toolchain = await ensureToolchain();
    const figures: Figure[] = [];
    const add = async (step: string, measure: () => Promise<Figure[]>) => {
      console.error(`${step} ...`);
      figures.push(...(await measure()));
    };

    await add("loading each stack's program, and one written the usual way", loadFigures);
    const plane = await startControlPlane({ dir: join(folder, "plane"), name: NAME, toolchain });
    try {
      for (const size of tasks.split(",").map(Number)) {
        await add(`deploying ${size} task(s), and kubectl beside it`, () =>
          lifecycleFigures(folder, toolchain, plane, size),
        );
      }
      await add("each cloud's stack on stand-ins for its plugins", () =>
        cloudFigures(folder, toolchain, plane),
      );
    } finally {
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    writeFileSync(join(LOCAL, "bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
    console.log(table(figures));
  });

void main(program);
