import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { quoted } from "../lib/shell";
import { ToolError } from "../lib/errors";
import { linkTools } from "./tools/bin";
import { ENGINE_TOOLS } from "./tools/pins";
import { existingStack, LOCAL, localStack, PulumiStack } from "./stacks";
import { ensureToolchain } from "./tools/toolchain";

/** Lines for `eval`: with them pulumi and kubectl work by hand on what `make up` created. */
export async function shellEnvironment(): Promise<string> {
  const stack = existsSync(join(LOCAL, "kubeconfig")) ? localStack() : existingStack();
  if (stack === undefined) throw new ToolError("nothing is up here: run make up first.");
  const toolchain = await ensureToolchain(ENGINE_TOOLS);
  const { variables } = new PulumiStack(stack, toolchain);
  const guard = guardedPulumi(join(LOCAL, "shell"), join(LOCAL, "bin", "pulumi"));
  return exportLines({ ...variables, PATH: [guard, variables.PATH].join(delimiter) });
}

/** `export NAME='value'`, for any POSIX shell. */
export const exportLines = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}`)
    .join("\n");

/**
 * A `pulumi` for such a shell. The variable for the stack stays in force after `pulumi stack init` and `stack select`,
 * so every later command would silently work on the stack of `make up`; it refuses both, and a secret for the stack file
 * that git tracks and whose passphrase is public.
 *
 * @returns the folder to put first on PATH
 */
export function guardedPulumi(folder: string, pulumi: string): string {
  linkTools(folder, {});
  writeFileSync(join(folder, "pulumi"), script(pulumi), { mode: 0o755 });
  return folder;
}

const script = (pulumi: string): string => `#!/bin/sh
# Written by ./ralphctl env.
refuse() {
  printf 'error: %s; nothing was changed.\\n%s\\n' "$1" "$2" >&2
  exit 1
}
if [ -n "\${PULUMI_STACK-}" ]; then
  before= other= secret=
  for word in "$@"; do
    case "$before $word" in
      "stack init" | "stack select") other=$word ;;
      "config set" | "config set-all") secret=maybe ;;
    esac
    case "$word" in
      "$PULUMI_STACK") named=yes ;;
      --secret | --secret=true | *:apiKeys* | *:git.privateKey*) [ -z "$secret" ] || secret=yes ;;
    esac
    case "$word" in -*) ;; *) before=$word ;; esac
  done
  [ -z "$other" ] || [ -n "\${named-}" ] || refuse \\
    "this shell works on the stack $PULUMI_STACK of make up, and would go on doing so after pulumi stack $other" \\
    'Use a new shell, without eval "$(make -s env)", for any other stack.'
  [ "$secret" != yes ] || [ -n "\${PULUMI_OPTION_CONFIG_FILE-}" ] || refuse \\
    "Pulumi.$PULUMI_STACK.yaml must hold no real key: git tracks it, and its passphrase is public" \\
    'The simulated pods need none. For real ones use make up NODE=real, or a stack of your own in a new shell.'
fi
exec ${quoted(pulumi)} "$@"
`;
