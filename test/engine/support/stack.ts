import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { pulumiEnvironment, REPOSITORY } from "../../../tools/engine";
import type { RunResult } from "../../../tools/process";
import { LOCAL_STACK } from "../../../tools/stacks";
import { type Child, killAll, start } from "./children";
import { type Events, readEvents } from "./events";
import { fixture } from "./fixture";

export type Values = Readonly<Record<string, unknown>>;

/** A run of the engine: what it printed, and what it said it did. */
export interface Outcome extends RunResult, Events {}

export interface StackOptions {
  /** Keys of the stack file over those of Pulumi.local.yaml; undefined takes one away. */
  readonly config?: Values;
  /** Also the stack's name and its folder's: one for each stack of a run. */
  readonly namespace: string;
  /** Kubeconfig of the stack file. Default: the administrator's of the control plane. */
  readonly kubeconfig?: string;
}

interface StackFile {
  encryptionsalt: string;
  config: Record<string, unknown>;
}

/** A resource as the state file has it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Values;
  readonly outputs?: Values;
}

/**
 * A stack of the real program on the control plane of this run, with everything switched on as in
 * Pulumi.local.yaml. It has its own state, PULUMI_HOME, stack file and namespace. ConfigMap prometheus-config
 * and the Application are in namespaces that all stacks share: one stack at a time can be up.
 */
export class Stack {
  readonly dir: string;
  readonly namespace: string;
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  private runs = 0;

  private constructor({ namespace, config = {}, kubeconfig }: StackOptions) {
    const { dir, toolchain, plane } = fixture();
    this.namespace = namespace;
    this.dir = join(dir, namespace);
    this.configFile = join(this.dir, `Pulumi.${namespace}.yaml`);
    mkdirSync(this.dir);
    const local = parse(readFileSync(join(REPOSITORY, "Pulumi.local.yaml"), "utf8")) as StackFile;
    const cluster = local.config["ralph:cluster"] as Values;
    this.write({
      ...local,
      config: {
        ...local.config,
        "ralph:namespace": namespace,
        "ralph:cluster": { ...cluster, kubeconfig: kubeconfig ?? plane.kubeconfig, context: plane.name },
      },
    });
    this.configure(config);
    this.env = {
      ...pulumiEnvironment({
        dir: this.dir,
        toolchain,
        passphrase: LOCAL_STACK.passphrase, // the salt of Pulumi.local.yaml is its: the keys there stay readable
        kubeconfig: join(this.dir, "no-kubeconfig"), // the stack file alone says which
      }),
      PULUMI_STACK: namespace,
      PULUMI_OPTION_CONFIG_FILE: this.configFile,
      PULUMI_DEBUG_COMMANDS: "true", // without it there is no --event-log
    };
  }

  static async create(options: StackOptions): Promise<Stack> {
    const stack = new Stack(options);
    // In the repository this would write a stack file there.
    writeFileSync(join(stack.dir, "Pulumi.yaml"), stringify({ name: "ralph", runtime: "nodejs" }));
    await stack.pulumi(["stack", "init", options.namespace], { cwd: stack.dir });
    return stack;
  }

  /** Changes the stack file; a key is without the prefix `ralph:`, and undefined takes it away. */
  configure(config: Values): void {
    const file = this.read();
    const given = Object.fromEntries(Object.entries(config).map(([key, value]) => [`ralph:${key}`, value]));
    this.write({ ...file, config: { ...file.config, ...given } });
  }

  /** What the stack file says under a key. */
  configured(key: string): unknown {
    return this.read().config[`ralph:${key}`];
  }

  /** Does something with other keys than usual, and puts the usual ones back. */
  async configuredAs<T>(config: Values, work: () => Promise<T>): Promise<T> {
    const before = readFileSync(this.configFile, "utf8");
    this.configure(config);
    try {
      return await work();
    } finally {
      writeFileSync(this.configFile, before);
    }
  }

  /** `pulumi config set --secret --path`, as people do it. */
  async setSecret(path: string, value: string): Promise<void> {
    await this.pulumi(["config", "set", "--secret", "--path", `ralph:${path}`, value]);
  }

  readonly preview = (...args: string[]): Promise<Outcome> => this.engine("preview", args);
  /** Without the preview that the command otherwise makes first. */
  readonly up = (...args: string[]): Promise<Outcome> =>
    this.engine("up", ["--yes", "--skip-preview", ...args]);
  readonly refresh = (...args: string[]): Promise<Outcome> =>
    this.engine("refresh", ["--yes", "--skip-preview", ...args]);
  readonly destroy = (...args: string[]): Promise<Outcome> =>
    this.engine("destroy", ["--yes", "--skip-preview", ...args]);

  /** Any engine command that can write an event log, to its end. */
  async engine(command: string, args: readonly string[]): Promise<Outcome> {
    const { child, eventLog } = this.begin(command, args);
    return { ...(await child.result), ...readEvents(eventLog) };
  }

  /** The same, handed over while it runs: to be watched and to be interrupted. */
  begin(command: string, args: readonly string[] = []): { child: Child; eventLog: string } {
    const eventLog = join(this.dir, `events-${++this.runs}-${command}.jsonl`);
    return { child: this.start([command, ...args, "--event-log", eventLog]), eventLog };
  }

  /** Any command; fails with what it says. */
  async pulumi(args: readonly string[], options: { cwd?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.start(args, options.cwd).result;
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
    return stdout;
  }

  private start(args: readonly string[], cwd = REPOSITORY): Child {
    const { pulumi } = fixture().toolchain.paths;
    return start(pulumi, [...args, "--non-interactive", "--color", "never"], { cwd, env: this.env });
  }

  get stateFile(): string {
    return join(this.dir, "state", ".pulumi", "stacks", "ralph", `${this.namespace}.json`);
  }

  /** What the state file has, or nothing before the first run. */
  get resources(): StateResource[] {
    if (!existsSync(this.stateFile)) return [];
    const state = JSON.parse(readFileSync(this.stateFile, "utf8")) as {
      checkpoint: { latest?: { resources?: StateResource[] } };
    };
    return state.checkpoint.latest?.resources ?? [];
  }

  /** Paths of the logs that runs of this stack have left. */
  get eventLogs(): string[] {
    return readdirSync(this.dir)
      .filter((name) => name.startsWith("events-"))
      .map((name) => join(this.dir, name));
  }

  /** Destroys it, whatever state a failed test has left it in. */
  async remove(): Promise<void> {
    killAll();
    if (this.resources.length > 0) {
      await this.pulumi(["cancel", "--yes"]);
      const { code, stdout, stderr } = await this.destroy();
      if (code !== 0) throw new Error(`the stack ${this.namespace} cannot be destroyed:\n${stdout}${stderr}`);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  private read(): StackFile {
    return parse(readFileSync(this.configFile, "utf8")) as StackFile;
  }

  private write(file: StackFile): void {
    writeFileSync(this.configFile, stringify(file)); // without what is undefined
  }
}
