import { Command, Option } from "commander";

import { say } from "../../lib/progress";
import type { Request } from "../../operations/ephemeral/request";
import { EXIT, leaksExitCode } from "../exit-codes";
import { GONE, JSON_RESULT, print, YES } from "../options";
import { downText, upText } from "../reports/ephemeral";

const up = new Command("up")
  .summary("create a short-lived cluster with Ralph on it, or update one")
  .description(
    "Creates a short-lived cluster with Ralph on it, or updates one. Its configuration is Pulumi.<cloud>.yaml, made " +
      "small and unprotected: docs/ephemeral.md",
  )
  .requiredOption("--cloud <name>", "a cloud with a committed stack file")
  .requiredOption("--name <name>", "name of the stack, such as pr-123")
  .option(
    "--ttl <duration>",
    "how long it may live from now, such as 8h or 1d12h; given again, it extends the lifetime",
  )
  .option(
    "--owner <label>",
    "who to ask before it is deleted (default: the user of this machine, or of the CI run)",
  )
  .addOption(
    new Option(
      "--set <key=value>",
      "override a value of Pulumi.<cloud>.yaml, as `pulumi config set --path` does; kept for later runs",
    )
      .argParser((value: string, all: string[]) => [...all, value])
      .default([], "none"),
  )
  .option(...JSON_RESULT)
  .action(async ({ json, ...request }: Request & { readonly json?: true }) => {
    const operation = await import("../../operations/ephemeral/up.ts");
    print(await operation.up(request, { say }), json, upText);
  });

interface DownOptions {
  readonly name: string;
  readonly yes?: true;
  readonly gone?: string[];
  readonly json?: true;
}

const down = new Command("down")
  .summary("delete one, with everything it has created")
  .description(
    "Deletes a short-lived cluster, with everything it has created, and the stack itself. A stack that does not exist " +
      "is not an error.",
  )
  .requiredOption("--name <name>", "name of the stack")
  .option(...YES)
  .option(...GONE)
  .option(...JSON_RESULT)
  .action(async ({ name, yes, gone, json }: DownOptions) => {
    const operation = await import("../../operations/ephemeral/down.ts");
    const { confirmed } = await import("../../operations/confirm.ts");
    const result = await operation.down(name, {
      say,
      gone,
      confirm: (plan) => confirmed(plan, yes === true),
    });
    print(result, json, downText);
    process.exitCode = result.outcome === "declined" ? EXIT.failed : leaksExitCode(result.leaks);
  });

/** Clusters that live for hours. */
export const command = new Command("ephemeral")
  .summary("create and delete clusters that live for hours")
  .description("Creates and deletes clusters that live for hours.")
  .addCommand(up)
  .addCommand(down);

export const afterInterrupt = "What was done so far is recorded. Repeat the command to go on.";
