import type { Place } from "../clusters/operations";
import { ToolError } from "../lib/errors";
import { openCluster, Unreachable } from "./cluster/client";
import { clusterObjects, type ClusterObjects, type Live, qualifiedName } from "./cluster/objects";
import { drained } from "./cluster/drain";
import { heldByOthers } from "./cluster/shared-kinds";
import { findUnmanaged, keepCopies, scopeOf, type Unmanaged } from "./cluster/unmanaged";
import { Engine } from "./engine/engine";
import type { KnownDeadRuns } from "./engine/lock";
import { isKept, isReal, nameOf, providerOfObjects, type Resource, type State } from "./engine/state";
import { clusterExists, findBlockers, findLeaks, located, settledLeaks } from "./leaks";
import { type LeakReport, NO_LEAKS, removal } from "./leaks/report";
import { placeOf } from "./place";
import { quiet } from "./quiet";
import { recover } from "./recover";

export interface DestroyOptions extends KnownDeadRuns {
  readonly stack: string;
  readonly say: (text: string) => void;
  /** Called once, before anything is changed. False stops the command there. */
  readonly confirm: (plan: DestroyPlan) => Promise<boolean>;
  /** Milliseconds before each retry of a transient failure, and of the search for leftovers. */
  readonly waits?: readonly number[];
  /** Variables for the engine, in addition to the caller's: where the stack's configuration is. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What will be deleted, as far as it is known beforehand. */
export interface DestroyPlan {
  readonly stack: string;
  /** Address of the API server. Undefined if the stack has no cluster, or its cluster no longer exists. */
  readonly server?: string;
  /** Number of resources in the state, without components and providers. */
  readonly resources: number;
  /** Names of the objects that are not in the state and will be deleted too. */
  readonly unmanaged: readonly string[];
}

export interface DestroyResult {
  /** False if the caller did not confirm. */
  readonly done: boolean;
  /** Disks that are retained by their class or their owner. */
  readonly kept: readonly { readonly volume: string; readonly handle: string }[];
  /** Copies of backups, and where copies are: no command here deletes them. */
  readonly copies: readonly string[];
  readonly leaks: LeakReport;
}

/**
 * Types deleted while the cluster still runs, because it has to delete their disks and load balancers. Among them the
 * engine reverses the program's order: autoscaler and Ingress, Service, pods, claims.
 */
const TORN_DOWN_FIRST: readonly string[] = [
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  "kubernetes:batch/v1:CronJob",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:core/v1:Service",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:batch/v1:Job",
  "kubernetes:core/v1:PersistentVolumeClaim",
];

const APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application";
/** What makes a GitOps tool create objects again. On its deletion the tool deletes those that it owns. */
const TOOLS: readonly string[] = [
  APPLICATION,
  "kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization",
  "kubernetes:source.toolkit.fluxcd.io/v1:GitRepository",
];

/** What ends the wait for a tool that no longer runs; its objects are then deleted with the namespace. */
function withoutTool(tools: readonly Resource[]): string[] {
  const waiting = tools.filter(
    ({ type, inputs }) => type !== APPLICATION || inputs?.metadata?.finalizers !== undefined,
  );
  if (waiting.length === 0) return [];
  return [
    "The tool deletes its objects first. If it no longer runs, end the wait in another terminal:",
    ...waiting.map(({ type, id = "" }) => {
      const [, version = "", kind = ""] = type.split(":");
      const [namespace = "", name = ""] = id.split("/");
      const singular = `${kind.toLowerCase()}.${version.split("/")[0]}`;
      return `  kubectl patch ${singular} ${name} --namespace ${namespace} --type merge --patch '{"metadata":{"finalizers":null}}'`;
    }),
  ];
}

/** A chart's objects are deleted with the chart: its operator has to clean up what it created. */
const isOfChart = ({ urn }: Resource): boolean => urn.includes("kubernetes:helm.sh/v4:Chart$");

/**
 * Deletes a stack in stages: first whatever stands for disks and load balancers, while the cluster can still delete
 * them; then everything else; then it searches the cloud for leftovers. A second call continues where the first ended.
 *
 * @throws ToolError if it is refused or fails; what was done is recorded, and the call can be repeated
 */
export async function destroy(options: DestroyOptions): Promise<DestroyResult> {
  const { stack: name, say } = options;
  const opened = await Engine.open(name, options, options.env);
  let state = await opened.state();
  const place = located(await placeOf(opened.stack), state.resources);
  refuseProtected(state, name);

  const { cluster, engine } = await reachCluster(opened, state, place, say);
  const look = async (): Promise<Unmanaged> =>
    cluster === undefined ? NOTHING : findUnmanaged(cluster, scopeOf(state.resources));
  if (cluster !== undefined) refuseInUse(await heldByOthers(cluster, state.resources), name);
  let unmanaged = await look();
  const existing = [...state.resources, ...state.pending.map(({ resource }) => resource)].filter(isReal);
  const plan: DestroyPlan = {
    stack: name,
    server: cluster?.address,
    resources: existing.length,
    unmanaged: unmanaged.objects.map(qualifiedName),
  };
  if (!(await options.confirm(plan))) return { done: false, kept: [], copies: [], leaks: NO_LEAKS };

  if (await recover(engine, place, state, say)) {
    state = await engine.state();
    unmanaged = await look();
  }
  const scope = scopeOf(state.resources);
  let kept: readonly Live[] = [];
  let copies: readonly Live[] = [];
  if (cluster !== undefined) {
    const tools = state.resources.filter(({ type }) => TOOLS.includes(type));
    if (tools.length > 0) {
      say(["Deleting what a GitOps tool applies:", ...withoutTool(tools)].join("\n"));
      await engine.destroy(tools.map(({ urn }) => urn));
      unmanaged = await look();
    }
    if (unmanaged.objects.length > 0) await engine.claim(state);
    copies = await keepCopies(cluster, unmanaged.objects);
    await removeAll(cluster, unmanaged, say);
    const first = state.resources.filter((each) => TORN_DOWN_FIRST.includes(each.type) && !isOfChart(each));
    const targets = [...first.map(({ urn }) => urn), ...unmanaged.holders];
    if (targets.length > 0) {
      say("Deleting load balancers and disks, and whatever uses them:");
      await engine.destroy(targets);
    }
    ({ kept } = await drained(cluster, scope, say));
  }
  if (state.resources.length > 0) {
    await quiet(place, state.resources);
    say("Deleting everything else:");
    await destroyRemaining(engine, place, state.resources);
  } else await engine.claim(state); // a run that has only just begun holds the lock and has created nothing yet
  say("Looking for leftovers ...");
  const leaks = await settledLeaks(place, state.resources, existing.length === 0 ? [] : options.waits);
  return {
    done: true,
    kept: kept.map(volume),
    copies: [
      ...copies.map(({ metadata, status }) => String(status?.snapshotHandle ?? metadata.name)),
      ...existing.filter(isKept).map(({ id = "" }) => id),
    ],
    leaks,
  };
}

/** If the cloud keeps refusing, something that is in no state may block it: the error then names the leftovers. */
async function destroyRemaining(engine: Engine, place: Place, had: readonly Resource[]): Promise<void> {
  try {
    await engine.destroy();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { resources } = await engine.state();
    const { leftovers, first = [] } = await findLeaks(place, resources, had);
    const ids = new Set(leftovers.map(({ id }) => id));
    const blockers = (await findBlockers(place, resources)).filter(({ id }) => !ids.has(id));
    const all = [...leftovers, ...blockers];
    if (all.length === 0) throw error;
    const named = [
      ...first.map((line) => `  ${line}`),
      ...all.flatMap((each) => [`  ${each.what} ${each.id}`, ...removal(each).map((line) => `    ${line}`)]),
    ];
    throw new ToolError([error.message, "In the cloud, but not in the state:", ...named].join("\n"));
  }
}

const NOTHING: Unmanaged = { objects: [], holders: [] };

/** The engine would delete the operator's kinds, and Kubernetes every object of them. */
function refuseInUse(others: readonly Live[], stack: string): void {
  if (others.length === 0) return;
  throw new ToolError(
    [
      `stack ${stack} has installed the Prometheus Operator, and others use it; nothing was changed.`,
      `With its custom kinds and its namespace, these would be deleted:`,
      ...others.map((object) => `  ${qualifiedName(object)}`),
      `Destroy their stacks, or delete them, first; then repeat the command. A plain \`pulumi destroy\` does not look for them.`,
    ].join("\n"),
  );
}

/** The engine would refuse too, but only after the first stage. */
function refuseProtected({ resources }: State, stack: string): void {
  const guarded = resources.filter(({ protect }) => protect === true);
  if (guarded.length === 0) return;
  throw new ToolError(
    [
      `stack ${stack} is protected from deletion (${guarded.map(({ urn }) => nameOf(urn)).join(", ")}); nothing was changed.`,
      `To delete it anyway, turn off deletion protection first:`,
      `  pulumi config set --path ralph:cluster.deletionProtection false --stack ${stack}`,
      `  pulumi up --stack ${stack}`,
      `Then repeat the command.`,
    ].join("\n"),
  );
}

/**
 * Connects to the stack's cluster, if it has one. If its cloud says that the cluster no longer exists, the engine
 * returned here forgets the objects in it.
 */
async function reachCluster(
  engine: Engine,
  { resources }: State,
  place: Place,
  say: (text: string) => void,
): Promise<{ cluster?: ClusterObjects; engine: Engine }> {
  const provider = providerOfObjects(resources);
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:") && !type.includes("helm.sh"));
  if (provider === undefined || objects.length === 0) return { engine };
  try {
    const client = await openCluster({ kubeconfig: provider.inputs?.kubeconfig as string });
    return { cluster: clusterObjects(client), engine };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const exists = await clusterExists(place);
    if (exists === false) {
      say(
        `${error.message}. Its cloud reports that the cluster no longer exists: its objects are forgotten.`,
      );
      return { engine: await engine.with({ PULUMI_K8S_DELETE_UNREACHABLE: "true" }) };
    }
    throw new ToolError(
      [
        `the cluster of stack ${place.stack} cannot be reached; nothing was changed.`,
        `  ${error.message}`,
        exists === true
          ? `Its cloud reports that the cluster exists: fix the access and repeat the command. Otherwise disks and load balancers would be left behind.`
          : `It could not be determined whether the cluster still exists: ${exists.reason}\n  ${exists.fix}`,
      ].join("\n"),
    );
  }
}

async function removeAll(
  cluster: ClusterObjects,
  { objects }: Unmanaged,
  say: (text: string) => void,
): Promise<void> {
  for (const object of objects) {
    say(`Deleting ${qualifiedName(object)}, which Pulumi did not create.`);
    await cluster.remove(object);
  }
}

const volume = ({ metadata: { name }, spec }: Live): { volume: string; handle: string } => ({
  volume: name,
  handle: (spec?.csi?.volumeHandle as string | undefined) ?? name,
});
