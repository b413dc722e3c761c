import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { pulumiEnvironment } from "../../../local/engine";
import { REPOSITORY } from "../../../lib/repository";
import type { RunResult } from "../../../lib/process";
import { LOCAL_STACK } from "../../../local/stacks";
import { imagePlugins } from "../../../stub-clouds/preview/stack";
import { installStubClouds, type StubClouds } from "../../../stub-clouds/install";
import type { StubName } from "../../../stub-clouds/types";
import { type Child, killAll, killProviders, start } from "./children";
import { type Events, readEvents } from "./events";
import { fixture } from "./fixture";

export type Values = Readonly<Record<string, unknown>>;

/** A run of the engine: what it printed, and what it said it did. */
export interface Outcome extends RunResult, Events {}

export interface StackOptions {
  /** Whose committed stack file it starts from. Default: `local`, on the control plane of this run. */
  readonly from?: string;
  /** Provider plugins of a stub cloud of its own; what it makes is on the control plane of this run. */
  readonly plugins?: readonly StubName[];
  /** Keys of other projects, in full, over those of the stack file: `gcp:project`. */
  readonly foreign?: Values;
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

const committed = (stack: string): StackFile =>
  parse(readFileSync(join(REPOSITORY, `Pulumi.${stack}.yaml`), "utf8")) as StackFile;

interface Checkpoint {
  readonly resources?: StateResource[];
  readonly pending_operations?: { readonly type: string; readonly resource: { readonly urn: string } }[];
}

/** What there is in a cluster, as it was given to the server. */
export const objectsOf = (resources: readonly StateResource[]): object[] =>
  resources.flatMap(({ type, inputs }) =>
    type.startsWith("kubernetes:") && inputs?.kind !== undefined ? [inputs] : [],
  );

/**
 * A stack of the real program on the control plane of this run, by default with everything switched on as in
 * Pulumi.local.yaml. It has its own state, PULUMI_HOME, stack file and namespace. ConfigMap prometheus-config
 * and the Application are in namespaces that all stacks share: one stack at a time can be up.
 */
export class Stack {
  readonly dir: string;
  readonly namespace: string;
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** The stub cloud, where the stack has one. */
  readonly clouds?: StubClouds;
  private runs = 0;

  private constructor(options: StackOptions) {
    const { namespace, config = {}, kubeconfig, from = LOCAL_STACK.name, plugins, foreign = {} } = options;
    const { dir, toolchain, plane } = fixture();
    this.namespace = namespace;
    this.dir = join(dir, namespace);
    this.configFile = join(this.dir, `Pulumi.${namespace}.yaml`);
    mkdirSync(this.dir);
    const local = committed(LOCAL_STACK.name);
    const chosen = committed(from);
    const cluster = chosen.config["ralph:cluster"] as Values;
    const reached =
      from === LOCAL_STACK.name
        ? { kubeconfig: kubeconfig ?? plane.kubeconfig, context: plane.name }
        : undefined;
    this.write({
      // Its passphrase is known.
      encryptionsalt: local.encryptionsalt,
      config: {
        ...chosen.config,
        ...foreign,
        "ralph:namespace": namespace,
        "ralph:cluster": { ...cluster, ...reached },
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
    if (plugins === undefined) return;
    const world = join(this.dir, "world");
    this.clouds = installStubClouds(join(this.dir, "pulumi-home"), {
      dir: world,
      plugins: [...plugins, ...imagePlugins(this.read().config)],
      plane,
    });
    Object.assign(this.env, this.clouds.environment(this.env.PATH));
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

  /** Any command, handed over while it runs. */
  start(args: readonly string[], cwd = REPOSITORY, onOutput?: (text: string) => void): Child {
    const { pulumi } = fixture().toolchain.paths;
    return start(pulumi, [...args, "--non-interactive", "--color", "never"], {
      cwd,
      env: this.env,
      onOutput,
    });
  }

  get stateFile(): string {
    return join(this.dir, "state", ".pulumi", "stacks", "ralph", `${this.namespace}.json`);
  }

  /** What the state file has, or nothing before the first run. */
  get resources(): StateResource[] {
    return this.checkpoint.resources ?? [];
  }

  /** What a run that was killed was in the middle of. */
  get pending(): { type: string; urn: string }[] {
    return (this.checkpoint.pending_operations ?? []).map(({ type, resource: { urn } }) => ({ type, urn }));
  }

  private get checkpoint(): Checkpoint {
    if (!existsSync(this.stateFile)) return {};
    const state = JSON.parse(readFileSync(this.stateFile, "utf8")) as { checkpoint: { latest?: Checkpoint } };
    return state.checkpoint.latest ?? {};
  }

  /** Its objects in a cluster, as the state has them: a secret's text is not there. */
  get objects(): object[] {
    return objectsOf(this.resources);
  }

  /** Paths of the logs that runs of this stack have left. */
  get eventLogs(): string[] {
    return readdirSync(this.dir)
      .filter((name) => name.startsWith("events-"))
      .map((name) => join(this.dir, name));
  }

  /** What the end of its machine would do to a run beside killing the engine. */
  killProviders(): void {
    killProviders(join(this.dir, "pulumi-home"));
  }

  /** Destroys it, whatever state a failed test has left it in. */
  async remove(): Promise<void> {
    killAll();
    this.killProviders();
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
