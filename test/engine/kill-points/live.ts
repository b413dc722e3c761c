import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { LeakReport } from "../../../operations/leaks/report";
import { startControlPlane } from "../../../local/control-plane";
import type { RunResult } from "../../../lib/process";
import { commandLines, processesOf, signal } from "../../../lib/processes";
import { pluginFolder } from "../../../local/tools/provider";
import type { Child } from "../support/children";
import { AKS, type CloudStack, EKS, GKE } from "../support/cloud-stacks";
import { fixture } from "../support/fixture";
import { kubectl, runCommands } from "../support/kubectl";
import { lifecycle, watched } from "../support/lifecycle";
import { Stack, type Values } from "../support/stack";
import { until } from "../support/until";
import type { Interruption, Life, PlaceName } from "./draw";

/** The outcome of one interruption, and of what followed. */
export interface Outcome extends Interruption {
  readonly seed: number;
  readonly cloud: PlaceName;
  readonly phase: "up" | "destroy";
  /** How the run ended; `missed` if it ended before its point, or the victim was not running. */
  readonly outcome: string;
  /** Whether recovery and destroy left nothing: in the state, in the cloud, on the API server. */
  readonly clean: boolean;
  /** What was left, or what failed. */
  readonly problem?: string;
}

const CLOUDS: Readonly<Partial<Record<PlaceName, CloudStack>>> = { gke: GKE, eks: EKS, aks: AKS };

/** Few objects, including a volume: a run takes seconds. */
const SMALL: Values = {
  image: { build: false },
  tasks: [],
  schedules: [],
  apiKeys: undefined,
  monitoring: { enabled: false, install: "none" },
  ingress: { enabled: false },
  argocd: { enabled: false },
  persistence: { storageClass: "standard", cache: { kind: "emptyDir" } },
};

/** Everything that a stack can leave on an API server, by name. */
const LEFT = [
  ...["namespaces", "persistentvolumes", "storageclasses", "clusterroles", "clusterrolebindings"],
  ...["deployments", "serviceaccounts", "roles", "rolebindings", "persistentvolumeclaims"],
].join();

const objects = async (): Promise<Set<string>> => {
  const text = await kubectl(
    "get",
    LEFT,
    "-A",
    "--no-headers",
    "-o",
    "custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name",
  );
  return new Set(
    text
      .trim()
      .split("\n")
      .map((line) => line.replace(/\s+/g, " ")),
  );
};

/** Runs one life cycle and returns the outcome of both interruptions. A failure is an outcome, not an error. */
export async function live(life: Life): Promise<Outcome[]> {
  const before = await objects();
  const stack = await create(life);
  const ends = { up: "not begun", destroy: "not begun" };
  /** The output of each command: a problem is reported with all of it. */
  const story: string[] = [];
  const expect = async (what: string, run: () => Promise<RunResult>): Promise<void> => {
    const { code, stdout, stderr } = await run();
    story.push(`--- ${what}, exit ${code}\n${stdout}\n${stderr}`);
    if (code !== 0) throw new Error(`${what} ended with exit code ${code}`);
  };
  let problem: string | undefined;
  try {
    ends.up = await hit(stack, life.up, (see) =>
      stack.start(["up", "--yes", "--skip-preview", "--stack", stack.namespace], undefined, see),
    );
    await expect("recover", () => lifecycle(stack, "recover").result);
    if (life.completed) await complete(stack, expect);
    ends.destroy = await hit(stack, life.destroy, (see) => watched(stack, ["destroy", "--yes"], see));
    await finish(stack, expect);
    assert.deepEqual(
      stack.resources.map(({ urn }) => urn),
      [],
    );
    assert.deepEqual(stack.pending, []);
    assert.deepEqual(
      (stack.clouds?.inventory() ?? []).map(({ id }) => id),
      [],
    );
    await until("no object of the stack is left", async () => {
      const after = await objects();
      return [...after].every((object) => before.has(object));
    });
  } catch (error) {
    problem = [(error as Error).message, ...story].join("\n");
  } finally {
    await removeAnyway(stack, problem === undefined);
  }
  const common = { seed: life.seed, cloud: life.place, clean: problem === undefined, problem };
  return (["up", "destroy"] as const).map((phase) => ({
    ...common,
    phase,
    ...life[phase],
    outcome: ends[phase],
  }));
}

type Expect = (what: string, run: () => Promise<RunResult>) => Promise<void>;

/**
 * Brings the stack up. What a plugin created before it died and could not report is in no state: then an `up`
 * fails because it already exists, and the cloud must be queried for it.
 */
async function complete(stack: Stack, expect: Expect): Promise<void> {
  const { code, stdout, stderr } = await stack.up();
  if (code === 0) return;
  if (!/already exist/i.test(stdout))
    throw new Error(`up ended with exit code ${code}:\n${stdout}\n${stderr}`);
  assert.ok((await removeNamed(stack, await lifecycle(stack, "leaks", "--json").result)) > 0, stdout);
  await expect("up", () => stack.up());
}

/**
 * Destroys the stack. What is in no state must be reported with the commands that remove it: at the end, or when
 * it blocks the destroy.
 */
async function finish(stack: Stack, expect: Expect): Promise<void> {
  const destroy = (): Promise<RunResult> => lifecycle(stack, "destroy", "--yes", "--json").result;
  const result = await destroy();
  if (result.code === SOMETHING_LEFT) await removeNamed(stack, result);
  else if (/^In the cloud, but not in the state:$/m.test(result.stderr)) {
    await removeNamed(stack, await lifecycle(stack, "leaks", "--json").result);
    await expect("destroy", destroy);
  } else await expect("destroy", async () => result);
}

/** Exit code of operations/ if something is left. */
const SOMETHING_LEFT = 2;

/**
 * Removes what a report lists.
 *
 * @returns how many resources those are
 */
async function removeNamed(stack: Stack, { stdout }: RunResult): Promise<number> {
  const report = JSON.parse(stdout) as LeakReport & { leaks?: LeakReport };
  const { leftovers } = report.leaks ?? report;
  const named = (id: string): boolean =>
    leftovers.some(
      ({ id: leftover, remove }) => (leftover === id || leftover.endsWith(`/${id}`)) && remove.length > 0,
    );
  await stack.clouds?.edit((all) => all.filter(({ id }) => !named(id)));
  // A cluster that stays has no stub to edit: the reported commands are run.
  if (stack.clouds === undefined) await runCommands(leftovers.flatMap(({ remove }) => remove));
  return leftovers.length;
}

async function create({ place, seed }: Life): Promise<Stack> {
  // An engine is identified by this name: that of another run on this machine must not be killed.
  const namespace = `kill-${place}-${seed}-${process.pid}`;
  const cloud = CLOUDS[place];
  if (cloud === undefined) return Stack.create({ namespace, config: SMALL });
  const { from, plugins, foreign, cluster } = cloud;
  const stack = await Stack.create({ namespace, from, plugins, foreign, config: SMALL });
  stack.configure({
    cluster: { ...(stack.configured("cluster") as Values), ...cluster, deletionProtection: false },
  });
  return stack;
}

/** A line about a resource in the engine's display. */
const STEP = /^ *[-+~]+ .*\b(?:creating|created|deleting|deleted|updating|updated) \(/gm;

/** Kills the victim at the point, waits until the run has ended, and restarts what a machine would restart. */
async function hit(
  stack: Stack,
  { victim, signal: name, point }: Interruption,
  begin: (see: (text: string) => void) => Child,
): Promise<string> {
  let seen = 0;
  let struck: Promise<number> | undefined;
  const child: Child = begin((text) => {
    seen += [...text.matchAll(STEP)].length;
    if (seen >= point) struck ??= strike(stack, child, victim, name);
  });
  const { code } = await child.result;
  return ((await struck) ?? 0) === 0 ? `missed, exit ${code}` : `exit ${code}`;
}

/** @returns how many processes were signalled */
async function strike(
  stack: Stack,
  child: Child,
  victim: Interruption["victim"],
  name: NodeJS.Signals,
): Promise<number> {
  if (victim === "run") {
    if (name === "SIGINT") child.signal(name);
    else endMachine(stack, child);
    return 1;
  }
  const pids = pidsOf(stack, victim);
  for (const pid of pids) signal(pid, name);
  if (victim === "api-server") {
    await delay(1_000); // its restart takes a moment, which the engine must tolerate
    await revive(); // which kills what does not exit in time
  }
  return pids.length;
}

function pidsOf(stack: Stack, victim: Exclude<Interruption["victim"], "run">): number[] {
  switch (victim) {
    case "engine":
      return engines(stack);
    case "provider":
      return processesOf(join(pluginFolder(join(stack.dir, "pulumi-home")), "pulumi-resource-kubernetes"));
    case "cloud":
      return commandLines()
        .filter(({ command }) => command.includes(`/plugin.ts `) && command.includes(` ${stack.clouds?.dir}`))
        .map(({ pid }) => pid);
    case "api-server":
      return processesOf(join(dirname(dirname(fixture().plane.auditLog)), "bin", "kube-apiserver"));
  }
}

/** The engines that work on a stack: `pulumi` itself, wherever it was started from. */
const engines = (stack: Stack): number[] =>
  commandLines()
    .filter(({ command }) => /^(\S*\/)?pulumi\s/.test(command) && command.includes(stack.namespace))
    .map(({ pid }) => pid);

/** Kills everything of a run at once. */
function endMachine(stack: Stack, child: Child): void {
  child.kill();
  for (const pid of engines(stack)) signal(pid, "SIGKILL");
  stack.killProviders();
}

const revive = async (): Promise<void> => {
  const { dir, toolchain, plane } = fixture();
  await startControlPlane({ dir: join(dir, "plane"), name: plane.name, toolchain });
};

/** So that one failed life cycle does not affect the next. */
async function removeAnyway(stack: Stack, clean: boolean): Promise<void> {
  for (const pid of engines(stack)) signal(pid, "SIGKILL");
  stack.killProviders();
  if (!clean) {
    await revive();
    await kubectl("delete", "namespace", stack.namespace, "--ignore-not-found", "--wait=false");
  }
  rmSync(stack.dir, { recursive: true, force: true });
}
