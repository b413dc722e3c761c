import type { PulumiCommand } from "@pulumi/pulumi/automation";

import { ToolError } from "../../lib/errors";
import { run, type RunResult } from "../../lib/process";
import { withTemporaryFolder } from "../../lib/temporary";

/** A `pulumi` command that failed. */
export class EngineFailure extends ToolError {
  /** One line that says that it failed. */
  readonly summary: string;
  /** Everything it printed. */
  readonly output: string;
  constructor(args: readonly string[], { code, stdout, stderr }: RunResult) {
    const summary = `pulumi ${args[0]} failed (exit ${code})`;
    super(`${summary}:\n${(stdout + stderr).trim()}`);
    this.summary = summary;
    this.output = stdout + stderr;
  }
}

export interface PulumiOptions {
  readonly cwd: string;
  /** In addition to the caller's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  /** Text for its standard input. */
  readonly input?: string;
}

/**
 * Runs the `pulumi` on PATH, and removes its temporary files: each time it starts, the Kubernetes provider writes the
 * kubeconfig there, for Helm, and leaves it.
 *
 * @throws EngineFailure if it fails, ToolError if it is not installed
 */
export async function pulumi(
  args: readonly string[],
  { cwd, env, onOutput, input }: PulumiOptions,
): Promise<RunResult> {
  const result = await withTemporaryFolder((TMPDIR) =>
    run("pulumi", [...args, "--non-interactive"], {
      cwd,
      env: { ...process.env, ...env, TMPDIR, PULUMI_AUTOMATION_API: "true" },
      onOutput,
      input,
    }),
  );
  if (result.code === 127)
    throw new ToolError('pulumi is not on PATH; for the local stack: eval "$(./ralphctl env)"');
  if (result.code !== 0) throw new EngineFailure(args, result);
  return result;
}

/**
 * Runs `pulumi` for the Automation API. The API's own way leaves the engine in this process's group, where one Ctrl-C
 * arrives twice: the engine takes the second one as a request to stop at once.
 */
export const pulumiCommand = {
  command: "pulumi",
  version: null,
  run: (
    args: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
  ): Promise<RunResult> =>
    pulumi(args, {
      cwd,
      env,
      onOutput: (text, stream) => (stream === "stdout" ? onOutput : onError)?.(text),
    }),
} as unknown as PulumiCommand;
