import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";

import { pulumiEnvironment, engineVariables, type EngineOptions, type EngineTool } from "./engine";
import { PROJECT, REPOSITORY } from "../lib/repository";
import { ToolError } from "../lib/errors";
import { run, type RunOptions, type RunResult } from "../lib/process";
import { processStart } from "../lib/processes";
import { readStackFile, type StackFile, writeStackFile } from "../lib/stack-file";
import { withTemporaryFolder } from "../lib/temporary";
import type { Toolchain } from "./tools/toolchain";

/** Everything that the commands of this folder create: ignored by git, removed by `make down`. */
export const LOCAL = join(REPOSITORY, ".local");

/** Name of the local control plane and of the context in its kubeconfig; Pulumi.local.yaml names it too. */
export const LOCAL_CONTEXT = "ralph-local";

const EXISTING_FILE = join(LOCAL, "Pulumi.existing.yaml");
const PASSPHRASE_FILE = join(LOCAL, "passphrase");

/** A stack of the private backend, and what the engine needs to know of it. */
export interface Stack {
  readonly name: "local" | "existing";
  readonly passphrase: EngineOptions["passphrase"];
  readonly kubeconfig?: string;
  /** Stack file, if it is not the committed one. */
  readonly configFile?: string;
}

/** The simulation. Its passphrase is public: no secret in Pulumi.local.yaml grants access to anything. */
export const LOCAL_STACK: Stack = { name: "local", passphrase: LOCAL_CONTEXT };

/** Stack file of a local control plane with a real node: the committed one, plus what real pods need. */
const REAL_NODE_FILE = join(LOCAL, `Pulumi.${LOCAL_STACK.name}.yaml`);

/** The stack on the local control plane, as `make up` created it here. */
export const localStack = (): Stack =>
  existsSync(REAL_NODE_FILE) ? { ...LOCAL_STACK, configFile: REAL_NODE_FILE } : LOCAL_STACK;

/** The scripted agent, which needs no key, and requests small enough for one machine that does other work. */
const REAL_NODE_CONFIG = {
  "ralph:config": { agent: "smoke" },
  "ralph:smoke": { enabled: true },
  "ralph:prompts": { "hello.md": "A prompt for the worker: no task and no schedule uses it." },
  "ralph:resources": { requests: { cpu: "100m", memory: "128Mi" } },
  "ralph:tasks": [{ name: "ralph-task", agent: "smoke", prompt: "task.md" }],
  "ralph:schedules": [
    { name: "ralph-daily", schedule: "0 2 * * *", agent: "smoke", prompt: "daily-task.md" },
  ],
};

/** Writes that file unless it exists; from then on it is the user's to edit. */
export function writeRealNodeStack(): void {
  if (existsSync(REAL_NODE_FILE)) return;
  const committed = readStackFile(join(REPOSITORY, `Pulumi.${LOCAL_STACK.name}.yaml`));
  mkdirSync(LOCAL, { recursive: true });
  writeStackFile(
    REAL_NODE_FILE,
    { ...committed, config: { ...committed.config, ...REAL_NODE_CONFIG } },
    "Written once by make up NODE=real, from Pulumi.local.yaml. Edit it freely: it is not overwritten.",
  );
}

/** A cluster of the user's own. */
export interface Target {
  readonly kubeconfig: string;
  readonly context: string;
}

/** The stack on a user's cluster, if `make up` created one here. */
export function existingStack(): (Stack & Target) | undefined {
  const cluster = readExisting().config["ralph:cluster"];
  return cluster === undefined ? undefined : stackOn(cluster as Target);
}

const stackOn = ({ kubeconfig, context }: Target): Stack & Target => ({
  name: "existing",
  passphrase: { file: PASSPHRASE_FILE },
  configFile: EXISTING_FILE,
  kubeconfig,
  context,
});

const readExisting = (): StackFile =>
  existsSync(EXISTING_FILE) ? readStackFile(EXISTING_FILE) : { encryption: {}, config: {} };

/** Runs `pulumi` and `kubectl` for one stack. */
export class PulumiStack {
  constructor(
    readonly stack: Stack,
    private readonly toolchain: Toolchain<EngineTool>,
  ) {}

  private get options(): EngineOptions {
    const { passphrase, kubeconfig } = this.stack;
    return { dir: LOCAL, toolchain: this.toolchain, passphrase, kubeconfig };
  }

  private get stackVariables(): Record<string, string> {
    const { name, configFile } = this.stack;
    return { PULUMI_STACK: name, ...(configFile !== undefined && { PULUMI_OPTION_CONFIG_FILE: configFile }) };
  }

  /** Environment variables for working on the stack by hand. */
  get variables(): Record<string, string> {
    return { ...engineVariables(this.options), ...this.stackVariables };
  }

  /** Runs `pulumi` in the repository. */
  pulumi(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return withTemporaryFolder((temporary) =>
      run(this.toolchain.paths.pulumi, [...args, "--non-interactive"], {
        cwd: REPOSITORY,
        env: { ...pulumiEnvironment({ ...this.options, temporary }), ...this.stackVariables },
        ...options,
      }),
    );
  }

  kubectl(args: readonly string[]): Promise<RunResult> {
    const { kubeconfig = join(LOCAL, "kubeconfig") } = this.stack;
    const { context = LOCAL_CONTEXT } = this.stack as Partial<Target>;
    return run(this.toolchain.paths.kubectl, ["--kubeconfig", kubeconfig, "--context", context, ...args], {
      timeout: 60_000,
    });
  }

  /** Whether the private backend knows the stack. */
  get exists(): boolean {
    return existsSync(join(LOCAL, "state", ".pulumi", "stacks", PROJECT, `${this.stack.name}.json`));
  }

  /** Creates the stack unless it exists. */
  async select(): Promise<void> {
    if (this.exists) return;
    // The engine always writes a new stack's file beside the project file. A stack whose file is elsewhere is
    // therefore created from a project file of the same name in that folder.
    const { name, configFile } = this.stack;
    const folder = configFile === undefined ? REPOSITORY : dirname(configFile);
    const scratch = join(LOCAL, "Pulumi.yaml");
    if (folder === LOCAL) writeFileSync(scratch, stringify({ name: PROJECT, runtime: "nodejs" }));
    const { code, stdout, stderr } = await this.pulumi(["stack", "select", "--create", name], {
      cwd: folder,
    });
    rmSync(scratch, { force: true });
    if (code !== 0) throw new ToolError(`pulumi could not create the stack ${name}:\n${stdout}${stderr}`);
  }

  /** Drops the stack and its state, for objects that were deleted along with their cluster. */
  async forget(): Promise<void> {
    const { name } = this.stack;
    await this.pulumi(["stack", "rm", name, "--force", "--yes", "--preserve-config"]);
  }

  /**
   * Removes the locks of dead engine runs on this machine: no one else uses this backend, and the lock of a killed run
   * would block every later one.
   */
  releaseDeadLocks(): void {
    const folder = join(LOCAL, "state", ".pulumi", "locks", "organization", PROJECT, this.stack.name);
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".json"))) {
      const file = join(folder, name);
      const lock = JSON.parse(readFileSync(file, "utf8")) as { pid: number; hostname: string };
      if (lock.hostname !== hostname() || processStart(lock.pid) !== undefined) continue;
      for (const part of [file, `${file}.attrs`]) rmSync(part, { force: true });
    }
  }
}

/**
 * Creates the stack of a user's cluster, with its own passphrase and its own stack file, outside of git. Later runs
 * find both and leave them unchanged: the file is the user's to edit.
 *
 * @param configuration initial content of the stack file
 */
export async function createExistingStack(
  toolchain: Toolchain<EngineTool>,
  target: Target,
  configuration: () => Promise<Record<string, unknown>>,
): Promise<PulumiStack> {
  const present = existingStack();
  if (present !== undefined) {
    if (present.context !== target.context || present.kubeconfig !== target.kubeconfig) {
      throw new ToolError(
        `the stack existing uses context ${present.context} of ${present.kubeconfig}, not ${target.context} of ${target.kubeconfig}; nothing was changed.\n` +
          `Take it down first (make down), or keep using it:\n` +
          `  make up KUBECONFIG_FROM=${present.kubeconfig} CONTEXT=${present.context}`,
      );
    }
    return new PulumiStack(present, toolchain);
  }
  mkdirSync(LOCAL, { recursive: true });
  if (!existsSync(PASSPHRASE_FILE)) {
    writeFileSync(PASSPHRASE_FILE, randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
  const config = await configuration();
  const stack = new PulumiStack(stackOn(target), toolchain);
  await stack.select();
  writeStackFile(
    EXISTING_FILE,
    { ...readExisting(), config },
    "Written once by make up, from what the cluster offers. Edit it freely: it is not overwritten.",
  );
  return stack;
}
