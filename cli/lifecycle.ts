import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

import { main } from "../lib/main";

/** What a file `commands/<name>.ts` exports. It loads what it needs only when it runs. */
export interface CommandModule {
  readonly command: Command;
}

const COMMANDS = join(__dirname, "commands");

const program = new Command("lifecycle")
  .description(
    "Commands around `pulumi up`, for one stack, in your own Pulumi environment: its backend, its login, its plugins.",
  )
  .showHelpAfterError()
  .addHelpText(
    "after",
    [
      "",
      "Progress is on standard error; standard output has the result, with --json as one JSON value.",
      "",
      "Exit codes:",
      "    0  done, and nothing is left to do",
      "    1  refused or failed; the message says what to do",
      "    2  done, but something is left: each is named, with the command that removes it",
      "    3  could not look everywhere: what is missing is named",
      "  130  stopped by Ctrl-C; repeat the command to go on",
    ].join("\n"),
  );

// One that is named is loaded alone: together they load the clients of everything that any of them asks.
const files = readdirSync(COMMANDS).sort();
const named = files.filter((file) => file === `${process.argv[2]}.ts`);
for (const file of named.length > 0 ? named : files) {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- one file per command, found by its place
  program.addCommand((require(join(COMMANDS, file)) as CommandModule).command);
}

void main(program, () => "What was done so far is recorded. Repeat the command to go on.");
