import { ToolError } from "../../lib/errors";
import { pause } from "../../lib/process";
import { elapsed } from "../../lib/progress";
import { Unreachable } from "./client";
import { type ClusterObjects, type Live, qualifiedName } from "./objects";
import { pendingDeletions, type Scope } from "./unmanaged";

/** Milliseconds. The deletion of Filestore instances and load balancers takes minutes; 15 is the longest seen. */
const DRAIN_TIMEOUT = 15 * 60_000;

/**
 * Waits until the cluster's controllers have deleted every disk and load balancer. A login that expires meanwhile, or a
 * server that does not answer, is waited for as well.
 */
export async function drained(
  cluster: ClusterObjects,
  scope: Scope,
  say: (text: string) => void,
  timeout = DRAIN_TIMEOUT,
): Promise<{ kept: readonly Live[] }> {
  const began = Date.now();
  let reported = "";
  for (let wait = 250; ; wait = Math.min(wait * 1.5, 5_000)) {
    const found = await pendingDeletions(cluster, scope).catch(unreachable);
    const isLate = Date.now() - began > timeout;
    if (!(found instanceof Unreachable) && found.objects.length === 0) return { kept: found.kept };
    const text =
      found instanceof Unreachable
        ? `${found.message}. If your login has expired, log in again: the command then goes on by itself.`
        : `Waiting for the deletion of ${found.objects.map(qualifiedName).join(", ")} ...`;
    if (isLate)
      throw found instanceof Unreachable
        ? new ToolError(
            `${found.message}. Only the cluster can delete its disks and load balancers, so it is kept; what was done is recorded. Fix the access and repeat the command.`,
          )
        : late(found.objects, began);
    if (text !== reported) say(text);
    reported = text;
    await pause(wait);
  }
}

function unreachable(error: unknown): Unreachable {
  if (error instanceof Unreachable) return error;
  throw error;
}

const late = (objects: readonly Live[], began: number): ToolError =>
  new ToolError(
    [
      `not deleted within ${elapsed(began)}. Only the cluster can delete these, so it is kept; what was done is recorded.`,
      ...objects.map((object) => `  ${qualifiedName(object)}${why(object)}`),
      `Find the reason with kubectl describe, then repeat the command.`,
    ].join("\n"),
  );

const why = ({ metadata: { finalizers = [] }, status }: Live): string => {
  const reasons = [
    ...(finalizers.length === 0 ? [] : [`finalizers ${finalizers.join(", ")}`]),
    ...(status?.phase === undefined ? [] : [`phase ${status.phase}`]),
  ];
  return reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
};
