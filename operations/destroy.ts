import { ToolError } from "../lib/errors";
import { pause } from "../lib/process";
import { elapsed } from "../lib/progress";
import { type ClusterApi, connect, type Live, Unreachable } from "./cluster/api";
import { called, findOutside, type Outside, remains, type Scope, scopeOf } from "./cluster/outside";
import { Engine } from "./engine/engine";
import type { Ended } from "./engine/lock";
import { nameOf, type Resource, type State } from "./engine/state";
import { clusterExists, findLeaks, settledLeaks } from "./leaks";
import { type LeakReport, NO_LEAKS } from "./leaks/query";
import { type Place, placeOf } from "./place";
import { recover } from "./recover";

export interface DestroyOptions extends Ended {
  readonly stack: string;
  readonly say: (text: string) => void;
  /** Asked once, before anything is changed; false ends it there. */
  readonly confirm: (plan: DestroyPlan) => Promise<boolean>;
  /** Milliseconds: before each further attempt at what failed in passing, and between looks for leftovers. */
  readonly waits?: readonly number[];
  /** Milliseconds that load balancers and disks may take to go. */
  readonly patience?: number;
  /** Variables over the caller's, for the engine alone: where the stack's configuration is. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What goes, as far as it is known beforehand. */
export interface DestroyPlan {
  readonly stack: string;
  /** Address of the API server; absent where there is none, or none any more. */
  readonly server?: string;
  /** Number of resources in the state, without components and providers. */
  readonly resources: number;
  /** What the engine does not know of and that goes too. */
  readonly outside: readonly string[];
}

export interface DestroyResult {
  /** Whether it was done: false where the caller did not confirm. */
  readonly done: boolean;
  /** Disks that stay because their class or their owner wants them kept. */
  readonly kept: readonly { readonly volume: string; readonly handle: string }[];
  readonly leaks: LeakReport;
}

/** Filestore and load balancers take minutes to go; a quarter of an hour is the longest seen. */
const PATIENCE = 15 * 60_000;

/**
 * What goes while the cluster stays, for it must see to it that disks and load balancers go. The engine's
 * order within is that of the program, backwards: autoscaler and Ingress, Service, pods, claims.
 */
const FIRST: readonly string[] = [
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  "kubernetes:batch/v1:CronJob",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:core/v1:Service",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:batch/v1:Job",
  "kubernetes:core/v1:PersistentVolumeClaim",
];

/** What a chart brings goes with it: its operator has to see to what it made. */
const isOfChart = ({ urn }: Resource): boolean => urn.includes("kubernetes:helm.sh/v4:Chart$");

/**
 * Takes a stack down in stages: what stands for disks and load balancers while the cluster can still see to
 * them, then the rest, then a look at the cloud for what is left. A second call goes on where one has ended.
 *
 * @throws ToolError where it is refused or fails; nothing is lost by that
 */
export async function destroy(options: DestroyOptions): Promise<DestroyResult> {
  const { stack: name, say } = options;
  const opened = await Engine.open(name, options, options.env);
  let state = await opened.state();
  const place = await placeOf(opened.stack);
  refuseProtected(state, name);

  const { api, engine } = await reach(opened, state, place, say);
  const look = async (): Promise<Outside> =>
    api === undefined ? NOTHING : findOutside(api, scopeOf(state.resources));
  let outside = await look();
  const made = [...state.resources, ...state.pending.map(({ resource }) => resource)].filter(isReal);
  const plan: DestroyPlan = {
    stack: name,
    server: api?.server,
    resources: made.length,
    outside: outside.objects.map(called),
  };
  if (!(await options.confirm(plan))) return { done: false, kept: [], leaks: NO_LEAKS };

  if (await recover(engine, place, state, say)) {
    state = await engine.state();
    outside = await look();
  }
  const scope = scopeOf(state.resources);
  let kept: readonly Live[] = [];
  if (api !== undefined) {
    if (outside.objects.length > 0) await engine.claim(state);
    await removeAll(api, outside, say);
    const first = state.resources.filter((each) => FIRST.includes(each.type) && !isOfChart(each));
    const targets = [...first.map(({ urn }) => urn), ...outside.holders];
    if (targets.length > 0) {
      say("Taking down what stands for disks and load balancers, and what uses it:");
      await engine.destroy(targets);
    }
    ({ kept } = await drained(api, scope, options));
  }
  if (state.resources.length > 0) {
    say("Taking down the rest:");
    await rest(engine, place);
  } else await engine.claim(state); // a run that has only begun has made nothing yet, and holds the lock
  say("Looking for what is left ...");
  const leaks = await settledLeaks(place, made.length === 0 ? [] : options.waits);
  return { done: true, kept: kept.map(volume), leaks };
}

/** Where the cloud refuses for good, something may be in the way that is in no state: it is named. */
async function rest(engine: Engine, place: Place): Promise<void> {
  try {
    await engine.destroy();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const { leftovers } = await findLeaks(place, (await engine.state()).resources);
    if (leftovers.length === 0) throw error;
    const named = leftovers.flatMap(({ what, id, remove }) => [
      `  ${what} ${id}`,
      ...remove.map((command) => `    ${command}`),
    ]);
    throw new ToolError([error.message, "In the cloud, and not in the state:", ...named].join("\n"));
  }
}

/** Whether something stands behind it: nothing does behind a component or a provider. */
const isReal = ({ custom, type }: Resource): boolean => custom === true && !type.startsWith("pulumi:");

const NOTHING: Outside = { objects: [], holders: [] };

/** The engine would refuse too, but only once the first stage has gone. */
function refuseProtected({ resources }: State, stack: string): void {
  const guarded = resources.filter(({ protect }) => protect === true);
  if (guarded.length === 0) return;
  throw new ToolError(
    [
      `stack ${stack} is protected from deletion (${guarded.map(({ urn }) => nameOf(urn)).join(", ")}); nothing was changed.`,
      `If it shall really go, take the protection away first:`,
      `  pulumi config set --path ralph:cluster.deletionProtection false --stack ${stack}`,
      `  pulumi up --stack ${stack}`,
      `and then repeat the command.`,
    ].join("\n"),
  );
}

/**
 * The cluster of a stack, where there is one; the engine is told to forget its objects where its cloud says
 * that it is gone.
 */
async function reach(
  engine: Engine,
  { resources }: State,
  place: Place,
  say: (text: string) => void,
): Promise<{ api?: ClusterApi; engine: Engine }> {
  const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:") && !type.includes("helm.sh"));
  if (provider === undefined || objects.length === 0) return { engine };
  try {
    return { api: await connect(provider.inputs?.kubeconfig as string), engine };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const exists = await clusterExists(place);
    if (exists === false) {
      say(`${error.message}. Its cloud says that the cluster is gone: what was in it is forgotten.`);
      return { engine: await engine.with({ PULUMI_K8S_DELETE_UNREACHABLE: "true" }) };
    }
    throw new ToolError(
      [
        `the cluster of stack ${place.stack} cannot be reached; nothing was changed.`,
        `  ${error.message}`,
        exists === true
          ? `Its cloud says that it is there: mend the access and repeat the command. Without it, disks and load balancers would stay behind.`
          : `Whether it is gone could not be found out: ${exists.reason}\n  ${exists.fix}`,
      ].join("\n"),
    );
  }
}

async function removeAll(api: ClusterApi, { objects }: Outside, say: (text: string) => void): Promise<void> {
  for (const object of objects) {
    say(`Deleting ${called(object)}, which Pulumi did not make.`);
    await api.remove(object);
  }
}

/** Waits until the cluster's controllers have taken down every disk and load balancer. */
async function drained(
  api: ClusterApi,
  scope: Scope,
  { say, patience = PATIENCE }: DestroyOptions,
): Promise<{ kept: readonly Live[] }> {
  const began = Date.now();
  let told = "";
  for (let wait = 250; ; wait = Math.min(wait * 1.5, 5_000)) {
    const { objects, kept } = await remains(api, scope);
    if (objects.length === 0) return { kept };
    const names = objects.map(called).join(", ");
    if (Date.now() - began > patience)
      throw new ToolError(
        [
          `not gone within ${elapsed(began)}, and the cluster has to see to it, so it stays; what was done is recorded.`,
          ...objects.map((object) => `  ${called(object)}${why(object)}`),
          `Find out why with kubectl describe, and repeat the command.`,
        ].join("\n"),
      );
    if (names !== told) say(`Waiting for ${names} to go ...`);
    told = names;
    await pause(wait);
  }
}

const why = ({ metadata: { finalizers = [] }, status }: Live): string => {
  const reasons = [
    ...(finalizers.length === 0 ? [] : [`finalizers ${finalizers.join(", ")}`]),
    ...(status?.phase === undefined ? [] : [`phase ${status.phase}`]),
  ];
  return reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
};

const volume = ({ metadata: { name }, spec }: Live): { volume: string; handle: string } => ({
  volume: name,
  handle: (spec?.csi?.volumeHandle as string | undefined) ?? name,
});
