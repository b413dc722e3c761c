import { delimiter, resolve } from "node:path";
import { Command } from "commander";

import { REPOSITORY } from "../lib/repository";
import { version } from "../package.json";
import { EXIT, MEANINGS } from "./exit-codes";

/** What a file `commands/<verb>.ts` exports. It loads what it runs only when it runs: all of them are read for --help. */
export interface Verb {
  readonly command: Command;
  /** What to tell the user after Ctrl-C. Undefined for a verb that changes nothing. */
  readonly afterInterrupt?: string;
}

/** Every verb, by the groups of --help and in their order. */
export const GROUPS = {
  Local: ["up", "down", "env"],
  Stack: ["preview", "render", "doctor", "retry", "restore", "verify", "destroy", "leaks", "recover"],
  Cloud: ["ephemeral", "reap"],
  Project: ["tools", "bench", "docs", "completion"],
} as const;

/** The command line, and what each of its verbs has to say after Ctrl-C. */
export function createProgram(): { program: Command; afterInterrupt: (verb: string) => string } {
  const program = new Command("ralphctl")
    .description(
      "Runs Ralph Orchestrator on Kubernetes with Pulumi: on this machine, on an existing cluster, or on a new one.",
    )
    .version(version)
    .showHelpAfterError()
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", notes())
    .hook("preAction", enterRepository);
  const messages = new Map<string, string>();
  for (const [group, verbs] of Object.entries(GROUPS))
    for (const verb of verbs) {
      const { command, afterInterrupt = "Nothing was changed." } = load(verb);
      program.addCommand(inherit(program, command.helpGroup(`${group}:`)));
      messages.set(verb, afterInterrupt);
    }
  return { program, afterInterrupt: (verb) => messages.get(verb) ?? "" };
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- one file per verb, found by its name
const load = (verb: string): Verb => require(`./commands/${verb}.ts`) as Verb;

/** `addCommand` copies no settings, and an error of a verb shows that verb's help. */
function inherit(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent).helpCommand(false);
  for (const inner of command.commands) inherit(command, inner);
  return command;
}

/** The configuration's paths are relative to the project, as in `pulumi up`; those of options are not (`fromHere`). */
function enterRepository(): void {
  const { KUBECONFIG } = process.env;
  if (KUBECONFIG !== undefined)
    process.env.KUBECONFIG = KUBECONFIG.split(delimiter)
      .map((file) => file && resolve(file))
      .join(delimiter);
  process.chdir(REPOSITORY);
}

const notes = (): string =>
  [
    "",
    "Verbs of a stack run in your own Pulumi environment: its backend, its login, its plugins.",
    "Progress goes to standard error, the result to standard output: with --json as one JSON value.",
    "",
    "Exit codes:",
    ...Object.entries(MEANINGS).map(
      ([name, meaning]) => `  ${String(EXIT[name as keyof typeof EXIT]).padStart(3)}  ${meaning}`,
    ),
  ].join("\n");
