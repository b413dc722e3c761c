import { Command } from "commander";

import { EXIT } from "../exit-codes";

interface Options {
  readonly stack: string;
}

/** Previews a stack without its cloud. */
export const command = new Command("preview")
  .summary("preview the creation of a stack, without an account or a credential")
  .description(
    "Previews the creation of a stack of this repository: the real engine, Kubernetes provider and program, with " +
      "stand-ins for the plugins of its cloud. Needs no account, no credential and no passphrase.",
  )
  .requiredOption("--stack <name>", "stack whose configuration is read, from Pulumi.<name>.yaml")
  .argument("[options...]", "more options for pulumi preview, after --: --diff, --json")
  .action(async (options: string[], { stack }: Options) => {
    const { preview } = await import("../../stub-clouds/preview/index.ts");
    process.exitCode = (await preview(stack, options)) === 0 ? EXIT.done : EXIT.failed;
  });
