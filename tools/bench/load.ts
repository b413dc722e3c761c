import { join } from "node:path";

import { REPOSITORY } from "../engine";
import { run } from "../process";
import { type Figure, figure, median } from "./figures";

interface Loaded {
  readonly seconds: number;
  readonly megabytes: number;
}

/** How often each is loaded; the two take turns, so that a busy machine is busy for both. */
const ROUNDS = 5;

/**
 * Loads a program as Pulumi's language host does: a new process, the SDK, ts-node with the program's own
 * configuration, then its first line to its last.
 */
async function load(program: string, tsconfig: string, transpileOnly: boolean): Promise<Loaded> {
  const script = `
    require("ts-node").register({ project: ${JSON.stringify(tsconfig)}, transpileOnly: ${transpileOnly} });
    const pulumi = require("@pulumi/pulumi");
    pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: ({ inputs }) => inputs,
    }, "ralph", "bench", true).then(() => {
      pulumi.runtime.setAllConfig({ "ralph:kubeconfig": "{}", "ralph:claudeKey": "x" }, ["ralph:claudeKey"]);
      require(${JSON.stringify(program)});
      console.log(JSON.stringify({ megabytes: process.resourceUsage().maxRSS / 1024 }));
      process.exit();
    });`;
  const began = process.hrtime.bigint();
  const { stdout, stderr } = await run(process.execPath, ["-e", script], { cwd: REPOSITORY });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  // Its exit code tells of outputs that nobody waited for, as was meant.
  if (stdout === "") throw new Error(`${program} does not load:\n${stderr}`);
  return { seconds, ...(JSON.parse(stdout) as { megabytes: number }) };
}

/** Load time and peak memory of the program, beside a small one written the usual way. */
export async function loadFigures(): Promise<Figure[]> {
  const ours: Loaded[] = [];
  const usual: Loaded[] = [];
  const folder = join(__dirname, "usual");
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await load(join(REPOSITORY, "index.ts"), join(REPOSITORY, "tsconfig.pulumi.json"), true));
    usual.push(await load(join(folder, "index.ts"), join(folder, "tsconfig.json"), false));
  }
  const of = (key: keyof Loaded, loads: readonly Loaded[]) => median(loads.map((each) => each[key]));
  return [
    figure("load the program", "s", of("seconds", ours), of("seconds", usual)),
    figure("peak memory of that", "MB", of("megabytes", ours), of("megabytes", usual)),
  ];
}
