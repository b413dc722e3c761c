import { join } from "node:path";

import { REPOSITORY } from "../lib/repository";
import { runtimeOptions } from "../local/tools/language-host";
import { previewable } from "../stub-clouds/preview/stack";
import { run } from "../lib/process";
import { installStubClouds } from "../stub-clouds/install";
import { withTemporaryFolder } from "../lib/temporary";
import { type Figure, figure, median } from "./figures";

/** A program, and how Pulumi's language host would start it. */
interface Program {
  readonly main: string;
  /** Working directory of its Node process. */
  readonly folder: string;
  /** Arguments of that process. */
  readonly arguments: readonly string[];
  /** Script that the host runs before the program. */
  readonly setUp: string;
}

interface Loaded {
  readonly seconds: number;
  readonly megabytes: number;
}

const OURS: Program = {
  main: REPOSITORY,
  folder: join(REPOSITORY, "boot"),
  arguments: String(runtimeOptions(REPOSITORY).nodeargs).split(" "),
  setUp: "",
};
/** With ts-node, which checks types: Pulumi's default. */
const usual = (main: string): Program => ({
  main: join(__dirname, "usual", main),
  folder: REPOSITORY,
  arguments: [],
  setUp: `require("ts-node").register({ project: ${JSON.stringify(join(__dirname, "usual", "tsconfig.json"))} });`,
});
/** Each stack, with the usual program that it is compared with. */
const STACKS: Readonly<Record<string, Program>> = {
  local: usual("index.ts"),
  gke: usual("clouds.ts"),
  eks: usual("clouds.ts"),
  aks: usual("clouds.ts"),
};
/** How often each is loaded. The two alternate, so that load on the machine affects both. */
const ROUNDS = 3;
/** Type-checking three SDKs takes more than 30 s: measured once, as the cloud makes no difference. */
const SLOW = usual("clouds.ts").main;

/** Load time and peak memory of each stack's program, compared with one written the usual way. */
export async function loadFigures(): Promise<Figure[]> {
  return withTemporaryFolder(async (dir) => {
    const { environment } = installStubClouds(join(dir, "pulumi-home"), { dir: join(dir, "world") });
    const env = { ...process.env, ...environment(process.env.PATH) };
    const figures: Figure[] = [];
    for (const [stack, other] of Object.entries(STACKS)) figures.push(...(await compare(stack, other, env)));
    return figures;
  });
}

let slow: Loaded | undefined;

async function compare(stack: string, other: Program, env: NodeJS.ProcessEnv): Promise<Figure[]> {
  const config = configuration(stack);
  const ours: Loaded[] = [];
  const theirs: Loaded[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await load(OURS, config, env));
    if (other.main !== SLOW) theirs.push(await load(other, config, env));
  }
  if (other.main === SLOW) theirs.push((slow ??= await load(other, config, env)));
  const of = (key: keyof Loaded, loads: readonly Loaded[]) => median(loads.map((each) => each[key]));
  return [
    figure(`load the program, stack ${stack}`, "s", of("seconds", ours), of("seconds", theirs)),
    figure(`peak memory of that, stack ${stack}`, "MB", of("megabytes", ours), of("megabytes", theirs)),
  ];
}

/** The stack's configuration as the engine passes it. */
function configuration(stack: string): Record<string, string> {
  const { config } = previewable(join(REPOSITORY, `Pulumi.${stack}.yaml`));
  const cluster = config["ralph:cluster"] as Record<string, unknown>;
  const values = {
    ...config,
    ...(stack === "local" && {
      "ralph:cluster": { ...cluster, kubeconfig: "test/support/kubeconfig.yaml", context: undefined },
    }),
  };
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/**
 * Loads and runs a program as Pulumi's language host does: a new process, the SDK, and the whole program up to the
 * registration of its resources.
 */
async function load(program: Program, config: object, env: NodeJS.ProcessEnv): Promise<Loaded> {
  const { main, setUp } = program;
  const script = `
    ${setUp}
    const pulumi = require("@pulumi/pulumi");
    pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: ({ inputs }) => inputs,
    }, "ralph", "bench", true).then(() => {
      pulumi.runtime.setAllConfig(${JSON.stringify(config)}, ["ralph:apiKeys"]);
      const program = require(${JSON.stringify(main)});
      if (typeof program === "function") program();
      console.log(JSON.stringify({ megabytes: process.resourceUsage().maxRSS / 1024 }));
      process.exit();
    });`;
  const began = process.hrtime.bigint();
  const { stdout, stderr } = await run(process.execPath, [...program.arguments, "-e", script], {
    cwd: program.folder,
    env,
  });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  // Ignore the exit code: the script exits before all outputs resolve, on purpose.
  const result = stdout.split("\n").find((line) => line.startsWith('{"megabytes"'));
  if (result === undefined) throw new Error(`${main} does not load:\n${stdout}${stderr}`);
  return { seconds, ...(JSON.parse(result) as { megabytes: number }) };
}
