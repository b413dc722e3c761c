import { Command } from "commander";

/** Looks in the cloud for what a stack has left there. */
export const command = new Command("leaks")
  .description("look in the cloud, by tag, for what a stack has left there")
  .requiredOption("--stack <name>", "stack whose leftovers are looked for")
  .option("--json", "the result as one JSON value");
