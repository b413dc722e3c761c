import { Command } from "commander";

import { say } from "../../lib/progress";
import { Engine } from "../../operations/engine/engine";
import { placeOf } from "../../operations/place";
import { recover } from "../../operations/recover";

interface Options {
  readonly stack: string;
  readonly gone?: string[];
}

/** Makes a stack usable again after a run that was killed. */
export const command = new Command("recover")
  .description(
    "take a stack up where a run that was killed has left it: its lock goes, what it was making gets into the state;\n" +
      "then pulumi up or lifecycle destroy goes on from there",
  )
  .requiredOption("--stack <name>", "stack to take up")
  .option("--gone <host...>", "machines that are gone for good: locks of runs on them are released")
  .action(async ({ stack, gone }: Options) => {
    const engine = await Engine.open(stack, { say, gone });
    const state = await engine.state();
    const place = await placeOf(engine.stack);
    // Also where nothing is pending there may be a lock.
    if (!(await recover(engine, place, state, say))) await engine.claim(state);
    say(`Stack ${stack} can be used.`);
  });
