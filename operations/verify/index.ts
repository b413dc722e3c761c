import { randomBytes } from "node:crypto";
import type { V1Deployment, V1Node } from "@kubernetes/client-node";

import { operationsOf, type Place } from "../../clusters/operations";
import type { ClusterTraits } from "../../clusters/types";
import { ToolError } from "../../lib/errors";
import { interruption } from "../../lib/process";
import { Progress } from "../../lib/progress";
import { RALPH } from "../../workload/names";
import { type ClusterAccess, openCluster, Refusal, unlessAbsent, Unreachable } from "../cluster/client";
import { stackAccess } from "../doctor/stack-access";
import { openStack } from "../engine/stack";
import { readState, type Resource } from "../engine/state";
import { placeOf, traitsOf } from "../place";
import { CHECKS } from "./checks";
import type { CheckReport, VerifyReport } from "./report";
import { ProbeFailure, Sandbox } from "./sandbox";
import { type Check, type Context, failed, passed, type Result, skipped } from "./types";
import { clusterVersions, toolVersions } from "./versions";

export interface VerifyOptions {
  readonly stack: string;
  /** Names of the checks to make. Default: all. */
  readonly only?: readonly string[];
  readonly reach: string;
  readonly scaleUp: boolean;
}

/**
 * Tries a stack that is up: what it promises is used by pods of its own image. Everything created is deleted.
 *
 * @throws ToolError if the stack has no cluster, or an unknown check is named
 * @throws Unreachable if the API server does not answer, or rejects the credentials
 */
export async function verify({ stack: name, only, ...options }: VerifyOptions): Promise<VerifyReport> {
  const checks = chosen(only);
  const progress = new Progress(checks.length + 1);
  const stack = await openStack(name);
  const place = await placeOf(stack);
  const traits = await traitsOf(stack);
  if (traits === undefined)
    throw new ToolError(`the configuration of stack ${name} is not valid: pulumi preview --stack ${name}`);
  const { resources } = await readState(stack);
  return tryOut({
    ...options,
    access: await stackAccess(name),
    checks,
    place,
    traits,
    resources,
    progress,
  });
}

export interface TryOptions extends Omit<VerifyOptions, "stack" | "only"> {
  readonly access: ClusterAccess & { readonly namespace?: string };
  readonly checks: readonly Check[];
  readonly place: Place;
  readonly traits: ClusterTraits;
  readonly resources: readonly Resource[];
  readonly progress: Progress;
}

/** The same, for a stack whose configuration and state have been read. */
export async function tryOut(options: TryOptions): Promise<VerifyReport> {
  const { access, checks, place, traits, resources, progress, reach, scaleUp } = options;
  const began = Date.now();
  const { namespace = RALPH, ...where } = access;
  const client = await openCluster(where);
  const nodes = await client.list<V1Node>("/api/v1/nodes");
  const workers = await unlessAbsent(
    client.get<V1Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${RALPH}`),
  );
  if (workers === undefined)
    throw new ToolError(
      `namespace ${namespace} has no Deployment ${RALPH}: pulumi up --stack ${place.stack}`,
    );
  const sandbox = new Sandbox(client, namespace, randomBytes(3).toString("hex"));
  const { stack, cloud } = place;
  const context: Context = {
    client,
    stack,
    namespace,
    place,
    traits,
    nodes,
    workers,
    sandbox,
    reach,
    scaleUp,
  };

  const reports: CheckReport[] = [];
  try {
    for (const check of checks)
      reports.push(await progress.step(check.name, () => timed(check, () => attempt(check, context))));
  } finally {
    const report = await progress.step(CLEAN_UP.name, () => timed(CLEAN_UP, () => cleanUp(sandbox)));
    reports.push(report);
    // No report is printed then.
    if (interruption.aborted && report.outcome === "failed")
      progress.say([report.detail, ...report.next].join("\n  "));
  }
  const operations = operationsOf(place.cloud);
  const program = operations.ownsCluster ? operations.cluster.ask(place)[0] : undefined;
  return {
    stack,
    cloud,
    at: new Date(began).toISOString(),
    seconds: secondsSince(began),
    versions: {
      ...(await toolVersions(resources, program)),
      ...(await clusterVersions(client, nodes)),
    },
    checks: reports,
  };
}

function chosen(only: readonly string[] | undefined): readonly Check[] {
  const names = CHECKS.map(({ name }) => name);
  const unknown = (only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new ToolError(`--only ${unknown[0]}: there is no such check; the checks are: ${names.join(", ")}`);
  return CHECKS.filter(({ name }) => only?.includes(name) ?? true);
}

const secondsSince = (began: number): number => Math.round((Date.now() - began) / 1000);

async function timed(
  { name, shows }: Pick<Check, "name" | "shows">,
  work: () => Promise<Result>,
): Promise<CheckReport> {
  const began = Date.now();
  return { name, shows, ...(await work()), seconds: secondsSince(began) };
}

/** kwok's nodes have this annotation, and accept pods without running them. */
const isSimulated = ({ metadata }: V1Node): boolean =>
  metadata?.annotations?.["kwok.x-k8s.io/node"] === "fake";

/** Whatever a check meets is its result: the next one may work. */
async function attempt(check: Check, context: Context): Promise<Result> {
  if (check.runsPods && context.nodes.length > 0 && context.nodes.every(isSimulated))
    return skipped("the nodes are simulated: no container runs", "make up NODE=real");
  try {
    return await check.run(context);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof ProbeFailure || error instanceof Unreachable))
      throw error;
    return failed(error.message, `./ralphctl doctor --stack ${context.stack}`);
  }
}

const CLEAN_UP = { name: "clean-up", shows: "everything that the checks created is deleted, volumes too" };

/** It must not hide why the run ends, so it throws nothing. */
async function cleanUp(sandbox: Sandbox): Promise<Result> {
  try {
    const left = await sandbox.close({ wait: !interruption.aborted });
    return left.length === 0
      ? passed("nothing is left")
      : failed(
          `the driver has not deleted ${left.length === 1 ? "volume" : "volumes"} ${left.join(", ")} yet`,
          ...left.map((volume) => `kubectl describe persistentvolume ${volume}`),
        );
  } catch (error) {
    return failed((error as Error).message, sandbox.cleanUp);
  }
}
