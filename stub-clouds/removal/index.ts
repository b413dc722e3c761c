/**
 * Stand-in for the commands of `gcloud`, `aws` and `az` that delete something, or wait for that: carries them out in a
 * world, by the rules of its tables. `index.ts <program> <folder of the world> [arguments]`. Unlike `vendor/` it loads the
 * tables, and with them the SDKs' declarations.
 */
import { Refusal } from "../errors";
import { StubCloud } from "../cloud";
import { tableOf } from "../tables";
import type { PluginName } from "../types";
import { World } from "../world";
import { removeByAws } from "./aws";
import { removeByAz } from "./az";
import { removeByGcloud } from "./gcloud";
import type { Remove } from "./site";

const PROGRAMS: Readonly<Record<string, readonly [plugin: PluginName, remove: Remove]>> = {
  aws: ["aws", removeByAws],
  az: ["azure-native", removeByAz],
  gcloud: ["gcp", removeByGcloud],
};

/** Carries out a command. @throws Refusal with what the program prints */
export async function runRemoval(program: string, words: readonly string[], world: World): Promise<void> {
  const [plugin, remove] = PROGRAMS[program] ?? [];
  if (plugin === undefined || remove === undefined)
    throw new Refusal(`usage: ${Object.keys(PROGRAMS).join("|")}`);
  const cloud = new StubCloud(plugin, tableOf(plugin), world);
  await remove(words, { world, cloud });
}

if (require.main === module) {
  const [program = "", folder = "", ...words] = process.argv.slice(2);
  runRemoval(program, words, new World(folder)).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  });
}
