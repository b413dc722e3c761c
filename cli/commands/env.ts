import { Command } from "commander";

/** Prints the environment of the local stack. */
export const command = new Command("env")
  .summary("print the environment for pulumi and kubectl on the local stack")
  .description(
    "Prints the environment with which pulumi and kubectl work on what `up` created, for a POSIX shell:\n" +
      '  eval "$(./ralphctl env)"',
  )
  .action(async () => {
    const { shellEnvironment } = await import("../../local/shell-env.ts");
    console.log(await shellEnvironment());
  });
