import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

import { table } from "./bench/figures";
import { lifecycleFigures } from "./bench/lifecycle";
import { loadFigures } from "./bench/load";
import { main } from "./main";
import { LOCAL } from "./stacks";

const program = new Command("bench")
  .description("Measures the program beside the usual ways of doing the same, in one run.")
  .option("--tasks <numbers>", "numbers of tasks to measure with", "1,10,100")
  .action(async ({ tasks }: { tasks: string }) => {
    const folder = join(LOCAL, "bench");
    mkdirSync(folder, { recursive: true });
    console.error("Loading the program and one written the usual way, five times each ...");
    const load = await loadFigures();
    console.error("Deploying on a control plane of its own, and kubectl beside it ...");
    const figures = [...load, ...(await lifecycleFigures(folder, tasks.split(",").map(Number)))];
    writeFileSync(join(LOCAL, "bench.json"), `${JSON.stringify(figures, null, 2)}\n`);
    console.log(table(figures));
  });

void main(program);
