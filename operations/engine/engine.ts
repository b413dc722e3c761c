import type { Stack } from "@pulumi/pulumi/automation";

import { ToolError } from "../../lib/errors";
import { pause } from "../../lib/process";
import { transient } from "../transient";
import { EngineFailure, pulumi } from "./command";
import { isBroken, mendBackend } from "./backend";
import { called, type Ended, isStale, lockOwners, type LockOwner } from "./lock";
import { openStack } from "./stack";
import { readState, type Resource, type State } from "./state";

export interface EngineOptions extends Ended {
  readonly say: (text: string) => void;
  /** Milliseconds to wait before each further attempt at what failed in passing. */
  readonly waits?: readonly number[];
}

/** Somebody else is at work on the stack, or was when the machine went down; nothing was changed. */
export class Locked extends ToolError {
  constructor(
    message: string,
    /** Whose lock it is, where the backend says so. */
    readonly by: readonly string[],
  ) {
    super(message);
  }
}

/** A cloud takes seconds to see what it has deleted, its load balancers minutes. */
const WAITS = [15_000, 30_000, 60_000, 120_000];

/** The engine on one stack: it says what it does, and repeats what is worth repeating. */
export class Engine {
  private constructor(
    readonly stack: Stack,
    private readonly options: EngineOptions,
  ) {}

  /** @throws ToolError where there is no such stack, or its backend or passphrase cannot be used */
  static async open(
    name: string,
    options: EngineOptions,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Engine> {
    return new Engine(await openStack(name, env), options);
  }

  /** The same stack with more variables for the engine. */
  with(env: Readonly<Record<string, string>>): Promise<Engine> {
    return Engine.open(this.stack.name, this.options, { ...this.stack.workspace.envVars, ...env });
  }

  /** What the stack has now. One that a killed run has made unreadable is mended. */
  async state(): Promise<State> {
    try {
      return await readState(this.stack);
    } catch (error) {
      if (!(error instanceof EngineFailure) || !isBroken(error.output)) throw error;
      const mended = await mendBackend();
      if (mended.length === 0) throw error;
      this.options.say(`Removed what a run that was killed has half written: ${mended.join(", ")}`);
      return readState(this.stack);
    }
  }

  /** Deletes what the URNs name and what depends on it; without any, everything. */
  destroy = (targets?: readonly string[]): Promise<void> =>
    this.command([
      "destroy",
      "--yes",
      "--skip-preview",
      ...(targets ?? []).flatMap((urn) => ["--target", urn]),
      ...(targets === undefined ? [] : ["--target-dependents"]),
    ]);

  /** Sees that nobody else is at work on the stack: before something is changed that the engine knows not. */
  claim({ resources }: State): Promise<void> {
    const root = resources.filter(({ type }) => type === "pulumi:pulumi:Stack");
    const targets = root.flatMap(({ urn }) => ["--target", urn]);
    return this.command(["refresh", "--yes", "--skip-preview", ...targets], "quiet");
  }

  /** Any command that changes the stack. What it says is on the screen, or if it is quiet, in its error. */
  async command(args: readonly string[], quiet?: "quiet"): Promise<void> {
    const { say, waits = WAITS } = this.options;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.unlocked(args, quiet === undefined ? print : undefined);
      } catch (error) {
        if (!(error instanceof EngineFailure)) throw error;
        const because = transient(error.output);
        const wait = waits[attempt];
        if (because === undefined || wait === undefined)
          throw new ToolError(
            `${error.summary}${quiet === undefined ? "; what it says is above" : `:\n${error.output.trim()}\n`}. What was done is recorded: mend the cause and repeat the command, which goes on from there.`,
          );
        say(`Once more in ${wait / 1000} s: ${because}.`);
        await pause(wait);
      }
    }
  }

  /**
   * Takes what pending creations made into the state, as far as their ids are known, and forgets the others. (The
   * engine's own `refresh --import-pending-creates` leaves some of them pending.) Secrets stay encrypted.
   *
   * @param ids by URN
   */
  async adopt(ids: ReadonlyMap<string, string>): Promise<void> {
    const { workDir: cwd, envVars: env } = this.stack.workspace;
    const stack = ["--stack", this.stack.name];
    const { stdout } = await pulumi(["stack", "export", ...stack], { cwd, env });
    const state = JSON.parse(stdout) as {
      deployment: { resources?: Resource[]; pending_operations?: State["pending"] };
    };
    const { resources = [], pending_operations: pending = [] } = state.deployment;
    const known = new Set(resources.map(({ urn }) => urn));
    const adopted = pending.flatMap(({ resource }) => {
      const id = ids.get(resource.urn);
      return id === undefined || known.has(resource.urn) ? [] : [{ ...resource, id }];
    });
    state.deployment.resources = [...resources, ...adopted];
    state.deployment.pending_operations = [];
    await pulumi(["stack", "import", ...stack], { cwd, env, input: JSON.stringify(state) });
  }

  private async unlocked(args: readonly string[], onOutput?: typeof print): Promise<void> {
    try {
      await this.stream(args, onOutput);
    } catch (error) {
      const owners = error instanceof EngineFailure ? lockOwners(error.output) : undefined;
      if (owners === undefined) throw error;
      if (owners.length === 0 || !owners.every((owner) => isStale(owner, this.options)))
        throw new Locked(this.locked(owners), owners.map(called));
      this.options.say(`Releasing the lock of ${owners.map(called).join(" and ")}, which is gone.`);
      await this.run(["cancel", "--yes"]);
      await this.stream(args, onOutput);
    }
  }

  private async stream(args: readonly string[], onOutput?: typeof print): Promise<void> {
    const color = process.stderr.isTTY ? "always" : "never";
    await this.run([...args, "--suppress-progress", "--color", color], onOutput);
  }

  private async run(args: readonly string[], onOutput?: (text: string) => void): Promise<void> {
    const { workDir: cwd, envVars: env } = this.stack.workspace;
    await pulumi([...args, "--stack", this.stack.name], { cwd, env, onOutput });
  }

  private locked(owners: readonly LockOwner[]): string {
    const { name } = this.stack;
    const cancel = `pulumi cancel --yes --stack ${name}`;
    if (owners.length === 0)
      return `another update of stack ${name} is in progress; nothing was changed. Wait for it, or if it is dead: ${cancel}`;
    return [
      `stack ${name} is locked by ${owners.map(called).join(" and ")}; nothing was changed.`,
      `Wait until that run ends. If its machine is gone, repeat the command with --gone ${owners[0]?.host}, or: ${cancel}`,
    ].join("\n");
  }
}

const print = (text: string): void => void process.stderr.write(text);
