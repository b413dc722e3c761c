import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { pulumiEnvironment } from "../local/engine";
import { REPOSITORY } from "../lib/repository";
import { ToolError } from "../lib/errors";
import { run, type RunOptions } from "../lib/process";
import type { Toolchain } from "../local/tools/toolchain";

export const NAME = "bench";
/** Heap size of a process on small machines and in CI containers. */
const HEAP_MEGABYTES = 512;

/** A stack to measure, with its own folder, state and plugins. */
export class Project {
  readonly configFile: string;
  readonly pulumiHome: string;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(
    readonly dir: string,
    private readonly toolchain: Toolchain,
    more: NodeJS.ProcessEnv,
    private readonly program: string,
  ) {
    this.configFile = join(dir, `Pulumi.${NAME}.yaml`);
    this.pulumiHome = join(dir, "pulumi-home");
    const own = pulumiEnvironment({ dir, toolchain, passphrase: NAME, project: program });
    this.env = {
      ...own,
      PULUMI_STACK: NAME,
      PULUMI_OPTION_CONFIG_FILE: this.configFile,
      ...more,
      PATH: more.PATH === undefined ? own.PATH : `${more.PATH}:${own.PATH ?? ""}`,
    };
  }

  /**
   * @param program folder of the Pulumi.yaml. Default: the repository's, in a heap of 512 MB
   */
  static async create(
    dir: string,
    toolchain: Toolchain,
    config: object,
    {
      env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}` },
      program = REPOSITORY,
    }: { env?: NodeJS.ProcessEnv; program?: string } = {},
  ): Promise<Project> {
    mkdirSync(dir, { recursive: true });
    const project = new Project(dir, toolchain, env, program);
    // `stack init` in the program's folder would write the stack file there.
    writeFileSync(join(dir, "Pulumi.yaml"), stringify({ name: "ralph", runtime: "nodejs" }));
    await project.time(["stack", "init", NAME], dir);
    writeFileSync(project.configFile, stringify({ config }));
    return project;
  }

  /** Runs a command of the engine and returns its seconds. */
  readonly pulumi = (...args: string[]): Promise<number> => this.time(args, this.program);

  private time(args: readonly string[], cwd: string): Promise<number> {
    return timed(this.toolchain.paths.pulumi, [...args, "--non-interactive"], { env: this.env, cwd });
  }
}

/** Runs a command to its end and returns its seconds. */
export async function timed(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  const began = process.hrtime.bigint();
  const { code, stdout, stderr } = await run(command, args, { timeout: 300_000, ...options });
  if (code !== 0)
    throw new ToolError(`${command} ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
  return Number(process.hrtime.bigint() - began) / 1e9;
}
