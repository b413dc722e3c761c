import type { Stack } from "@pulumi/pulumi/automation";

import { ToolError } from "../../lib/errors";
import { pause } from "../../lib/process";
import type { KnownFailure } from "../../clusters/operations";
import { failureIn } from "../failures";
import { EngineFailure, pulumi } from "./command";
import { isUnreadable, repairBackend } from "./backend";
import { describeOwner, hasOwnName, isStale, type KnownDeadRuns, lockOwners, type LockOwner } from "./lock";
import { openStack } from "./stack";
import { isKept, readState, type Resource, type State } from "./state";

export interface EngineOptions extends KnownDeadRuns {
  readonly say: (text: string) => void;
  /** Milliseconds to wait before each retry of a transient failure. */
  readonly waits?: readonly number[];
}

/** Another run is using the stack, or was when its machine went down; nothing was changed. */
export class Locked extends ToolError {
  constructor(
    message: string,
    /** The owners of the lock; empty if the backend does not name them. */
    readonly by: readonly string[],
  ) {
    super(message);
  }
}

/** What a user can do meanwhile, as a sentence. */
const act = ({ fix }: KnownFailure): string => (fix === undefined ? "" : ` To end it: ${fix}.`);

const whatNext = (failure: KnownFailure | undefined): string =>
  failure?.fix === undefined
    ? "What was done is recorded: fix the cause and repeat the command, which continues from there."
    : `What was done is recorded. The cause: ${failure.because}. First ${failure.fix}; then repeat the command, which continues from there.`;

/** Milliseconds. A cloud takes seconds to notice its own deletions, and minutes for load balancers. */
const WAITS = [15_000, 30_000, 60_000, 120_000];

/** The engine on one stack. It reports what it does, and retries transient failures. */
export class Engine {
  private constructor(
    readonly stack: Stack,
    private readonly options: EngineOptions,
  ) {}

  /** @throws ToolError if the stack does not exist, or its backend or passphrase cannot be used */
  static async open(
    name: string,
    options: EngineOptions,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Engine> {
    return new Engine(await openStack(name, env), options);
  }

  /** The engine on the same stack, with additional variables. */
  with(env: Readonly<Record<string, string>>): Promise<Engine> {
    return Engine.open(this.stack.name, this.options, { ...this.stack.workspace.envVars, ...env });
  }

  /** The current state of the stack. If a killed run left it unreadable, it is repaired. */
  async state(): Promise<State> {
    try {
      return await readState(this.stack);
    } catch (error) {
      if (!(error instanceof EngineFailure) || !isUnreadable(error.output)) throw error;
      const removed = await repairBackend();
      if (removed.length === 0) throw error;
      this.options.say(`Removed files that a killed run left half-written: ${removed.join(", ")}`);
      return readState(this.stack);
    }
  }

  /** Deletes the resources with these URNs and their dependents, or everything if there are no URNs. */
  destroy = (targets?: readonly string[]): Promise<void> =>
    this.command([
      "destroy",
      "--yes",
      "--skip-preview",
      ...(targets ?? []).flatMap((urn) => ["--target", urn]),
      ...(targets === undefined ? [] : ["--target-dependents"]),
    ]);

  /** Checks that no other run is using the stack, before changing something that the engine does not know. */
  claim({ resources }: State): Promise<void> {
    const root = resources.filter(({ type }) => type === "pulumi:pulumi:Stack");
    const targets = root.flatMap(({ urn }) => ["--target", urn]);
    return this.command(["refresh", "--yes", "--skip-preview", ...targets], "quiet");
  }

  /** Runs a command that changes the stack. Its output is printed or, if quiet, only part of the error. */
  async command(args: readonly string[], quiet?: "quiet"): Promise<void> {
    const { say, waits = WAITS } = this.options;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.releasingStaleLocks(args, quiet === undefined ? print : undefined);
      } catch (error) {
        if (!(error instanceof EngineFailure)) throw error;
        const failure = failureIn(error.output);
        const wait = waits[attempt];
        if (failure === undefined || wait === undefined || attempt >= (failure.attempts ?? Infinity))
          throw new ToolError(
            `${error.summary}${quiet === undefined ? "; see its output above" : `:\n${error.output.trim()}\n`}. ${whatNext(failure)}`,
          );
        say(`Retrying in ${wait / 1000} s: ${failure.because}.${act(failure)}`);
        await pause(wait);
      }
    }
  }

  /**
   * Adds the resources of pending creations to the state if their ids are known, and forgets the others. (The engine's
   * own `refresh --import-pending-creates` leaves some of them pending.) Until `settle`, a destroy only forgets them.
   *
   * @param ids by URN
   */
  adopt = (ids: ReadonlyMap<string, string>): Promise<void> =>
    this.edit(({ resources = [], pending_operations: pending = [] }) => {
      const known = new Set(resources.map(({ urn }) => urn));
      const adopted = pending.flatMap(({ resource }) => {
        const id = ids.get(resource.urn);
        return id === undefined || known.has(resource.urn) ? [] : [{ ...resource, id, retainOnDelete: true }];
      });
      return [...resources, ...adopted];
    });

  /** Keeps what was adopted, without those that turned out to be another's. */
  settle = (others: ReadonlySet<string>): Promise<void> =>
    this.edit(({ resources = [] }) =>
      resources
        .filter(({ urn }) => !others.has(urn))
        .map((resource) => (isKept(resource) ? resource : { ...resource, retainOnDelete: undefined })),
    );

  /** Replaces the resources of the state, in which no operation is pending then. Secrets stay encrypted. */
  private async edit(change: (deployment: Deployment) => readonly Resource[]): Promise<void> {
    const { workDir: cwd, envVars: env } = this.stack.workspace;
    const stack = ["--stack", this.stack.name];
    const { stdout } = await pulumi(["stack", "export", ...stack], { cwd, env });
    const state = JSON.parse(stdout) as { deployment: Deployment };
    const deployment = { ...state.deployment, resources: change(state.deployment), pending_operations: [] };
    await pulumi(["stack", "import", ...stack], {
      cwd,
      env,
      input: JSON.stringify({ ...state, deployment }),
    });
  }

  private async releasingStaleLocks(args: readonly string[], onOutput?: typeof print): Promise<void> {
    try {
      await this.stream(args, onOutput);
    } catch (error) {
      const owners = error instanceof EngineFailure ? lockOwners(error.output) : undefined;
      if (owners === undefined) throw error;
      if (owners.length === 0 || !owners.every((owner) => isStale(owner, this.options)))
        throw new Locked(this.lockedBy(owners), owners.map(describeOwner));
      this.options.say(`Releasing the stale lock of ${owners.map(describeOwner).join(" and ")}.`);
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

  private lockedBy(owners: readonly LockOwner[]): string {
    const { name } = this.stack;
    const cancel = `pulumi cancel --yes --stack ${name}`;
    if (owners.length === 0)
      return `another update of stack ${name} is in progress; nothing was changed. Wait for it to end or, if it was killed, run: ${cancel}`;
    const [first] = owners;
    return [
      `stack ${name} is locked by ${owners.map(describeOwner).join(" and ")}; nothing was changed.`,
      first === undefined || hasOwnName(first)
        ? `Wait for that run to end. If it was killed, run: ${cancel}`
        : `Wait for that run to end. If its machine no longer exists and no other machine has that name, repeat the command with --gone ${first.host}, or run: ${cancel}`,
    ].join("\n");
  }
}

interface Deployment {
  readonly resources?: readonly Resource[];
  readonly pending_operations?: State["pending"];
}

const print = (text: string): void => void process.stderr.write(text);
