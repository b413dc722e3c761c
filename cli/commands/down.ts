import { Command } from "commander";

/** Removes the local stack. */
export const command = new Command("down")
  .summary("remove everything that `up` created")
  .description("Removes everything that `up` created, and its state.")
  .action(async () => {
    const { down } = await import("../../local/down.ts");
    await down();
  });

export const afterInterrupt = "What was not removed yet is still recorded. `make down` goes on from there.";
