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
import { watch } from "./judged";

export type Values = Readonly<Record<string, unknown>>;

/** A run of the engine: its output, and its events. */
export interface Outcome extends RunResult, Events {}

export interface StackOptions {
  /** The committed stack whose file it starts from. Default: `local`, on this run's control plane. */
  readonly from?: string;
  /** Provider plugins of its own stub cloud, whose clusters are this run's control plane. */
  readonly plugins?: readonly StubName[];
  /** Full keys of other projects, such as `gcp:project`; they override those of the stack file. */
  readonly foreign?: Values;
  /** Keys that override those of the committed stack file; undefined removes one. */
  readonly config?: Values;
  /** Also the name of the stack and of its folder: unique within a run. */
  readonly namespace: string;
  /** Kubeconfig of the stack file. Default: the control plane administrator's. */
  readonly kubeconfig?: string;
}

interface StackFile {
  encryptionsalt: string;
  config: Record<string, unknown>;
}

/** A resource in the state file. */
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

/** The Kubernetes objects, as they were sent to the server. */
export const objectsOf = (resources: readonly StateResource[]): object[] =>
  resources.flatMap(({ type, inputs }) =>
    type.startsWith("kubernetes:") && inputs?.kind !== undefined ? [inputs] : [],
  );

/**
 * A stack of the real program on this run's control plane, by default with everything enabled as in
 * Pulumi.local.yaml. It has its own state, PULUMI_HOME, stack file and namespace.
 */
export class Stack {
  readonly dir: string;
  readonly namespace: string;
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** The stub cloud, if the stack has one. */
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
        passphrase: LOCAL_STACK.passphrase, // the salt of Pulumi.local.yaml belongs to it, so the keys there stay readable
        kubeconfig: join(this.dir, "no-kubeconfig"), // only the stack file names one
      }),
      PULUMI_STACK: namespace,
      PULUMI_OPTION_CONFIG_FILE: this.configFile,
      PULUMI_DEBUG_COMMANDS: "true", // --event-log needs it
      // This machine keeps its name, so a lock is judged by it: in CI it would not be.
      ...{ CI: undefined, GITHUB_ACTIONS: undefined, GITLAB_CI: undefined },
    };
    if (plugins === undefined) return;
    const world = join(this.dir, "world");
    this.clouds = watch(
      installStubClouds(join(this.dir, "pulumi-home"), {
        dir: world,
        plugins: [...plugins, ...imagePlugins(this.read().config)],
        plane,
      }),
    );
    Object.assign(this.env, this.clouds.environment(this.env.PATH));
  }

  static async create(options: StackOptions): Promise<Stack> {
    const stack = new Stack(options);
    // In the repository, this would write a stack file.
    writeFileSync(join(stack.dir, "Pulumi.yaml"), stringify({ name: "ralph", runtime: "nodejs" }));
    await stack.pulumi(["stack", "init", options.namespace], { cwd: stack.dir });
    return stack;
  }

  /** Changes the stack file; keys have no prefix `ralph:`, and undefined removes one. */
  configure(config: Values): void {
    const file = this.read();
    const given = Object.fromEntries(Object.entries(config).map(([key, value]) => [`ralph:${key}`, value]));
    this.write({ ...file, config: { ...file.config, ...given } });
  }

  /** The value of a key in the stack file. */
  configured(key: string): unknown {
    return this.read().config[`ralph:${key}`];
  }

  /** Runs `work` with changed keys, and restores them afterwards. */
  async configuredAs<T>(config: Values, work: () => Promise<T>): Promise<T> {
    const before = readFileSync(this.configFile, "utf8");
    this.configure(config);
    try {
      return await work();
    } finally {
      writeFileSync(this.configFile, before);
    }
  }

  /** `pulumi config set --secret --path`, as users run it. */
  async setSecret(path: string, value: string): Promise<void> {
    await this.pulumi(["config", "set", "--secret", "--path", `ralph:${path}`, value]);
  }

  readonly preview = (...args: string[]): Promise<Outcome> => this.engine("preview", args);
  /** Without the preview that the command otherwise runs first. */
  readonly up = (...args: string[]): Promise<Outcome> =>
    this.engine("up", ["--yes", "--skip-preview", ...args]);
  readonly refresh = (...args: string[]): Promise<Outcome> =>
    this.engine("refresh", ["--yes", "--skip-preview", ...args]);
  readonly destroy = (...args: string[]): Promise<Outcome> =>
    this.engine("destroy", ["--yes", "--skip-preview", ...args]);

  /** Runs any engine command that can write an event log. */
  async engine(command: string, args: readonly string[]): Promise<Outcome> {
    const { child, eventLog } = this.begin(command, args);
    return { ...(await child.result), ...readEvents(eventLog) };
  }

  /** The same, without waiting for its end: to watch or interrupt it. */
  begin(command: string, args: readonly string[] = []): { child: Child; eventLog: string } {
    const eventLog = join(this.dir, `events-${++this.runs}-${command}.jsonl`);
    return { child: this.start([command, ...args, "--event-log", eventLog]), eventLog };
  }

  /** Runs any command; fails with its output. */
  async pulumi(args: readonly string[], options: { cwd?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.start(args, options.cwd).result;
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
    return stdout;
  }

  /** Starts any command, without waiting for its end. */
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

  /** The resources in the state file; none before the first run. */
  get resources(): StateResource[] {
    return this.checkpoint.resources ?? [];
  }

  /** The operations that a killed run did not complete. */
  get pending(): { type: string; urn: string }[] {
    return (this.checkpoint.pending_operations ?? []).map(({ type, resource: { urn } }) => ({ type, urn }));
  }

  private get checkpoint(): Checkpoint {
    if (!existsSync(this.stateFile)) return {};
    const state = JSON.parse(readFileSync(this.stateFile, "utf8")) as { checkpoint: { latest?: Checkpoint } };
    return state.checkpoint.latest ?? {};
  }

  /** Its Kubernetes objects, as in the state: without the plain text of secrets. */
  get objects(): object[] {
    return objectsOf(this.resources);
  }

  /** Paths of the event logs of this stack's runs. */
  get eventLogs(): string[] {
    return readdirSync(this.dir)
      .filter((name) => name.startsWith("events-"))
      .map((name) => join(this.dir, name));
  }

  /** What the loss of its machine does to a run besides killing the engine. */
  killProviders(): void {
    killProviders(join(this.dir, "pulumi-home"));
  }

  /** Destroys the stack, whatever state a failed test left it in. */
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
    writeFileSync(this.configFile, stringify(file)); // leaves undefined values out
  }
}
