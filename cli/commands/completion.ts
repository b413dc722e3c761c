import { Argument, type Command as Program, Command } from "commander";

type Shell = "bash" | "zsh";

/** Prints a script that completes verbs and options. */
export const command = new Command("completion")
  .summary("print shell completion for bash or zsh")
  .description(
    "Prints a script that completes verbs and options. For the current shell:\n" +
      '  eval "$(./ralphctl completion bash)"',
  )
  .addArgument(new Argument("<shell>", "shell to print it for").choices(["bash", "zsh"]))
  .action((shell: Shell) => console.log(completion(command.parent ?? command, shell)));

/** zsh runs completions for bash after `bashcompinit`. */
const completion = (program: Program, shell: Shell): string =>
  [
    ...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []),
    "_ralphctl() {",
    '  local words; case " ${COMP_WORDS[*]:1:COMP_CWORD-1} " in',
    ...cases(program, ""),
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -o default -F _ralphctl ralphctl ./ralphctl",
  ].join("\n");

/** One line for each verb and each verb inside one, the longer before the shorter. */
const cases = (command: Program, path: string): string[] => [
  ...command.commands.flatMap((inner) => cases(inner, `${path} ${inner.name()}`)),
  `  "${path} "*) words="${[...command.commands.map((inner) => inner.name()), ...optionsOf(command)].join(" ")}" ;;`,
];

const optionsOf = (command: Program): string[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => long ?? []);
