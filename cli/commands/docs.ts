import { writeFileSync } from "node:fs";
import { Command } from "commander";

/** Writes the documents that come from the code. */
export const command = new Command("docs")
  .summary("write docs/config.md from the schemas")
  .description(
    "Writes docs/config.md, the reference of all configuration keys, from the schemas that check them.",
  )
  .action(async () => {
    const { configReference, REFERENCE } = await import("../../stack/reference.ts");
    writeFileSync(REFERENCE, await configReference());
    console.log(REFERENCE);
  });
