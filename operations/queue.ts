import type { V1Pod } from "@kubernetes/client-node";

import { ToolError } from "../lib/errors";
import { ENDS, RETRY_COMMAND, type RetryAnswer } from "../runner/src/contract";
import { COMPONENT_LABEL } from "../workload/names";
import type { ClusterAccess } from "./cluster/client";
import { type Container, execIn } from "./cluster/exec";
import { unfinished } from "./doctor/pods";

/** How often to try: a command that a worker's run has ended with (SIGTERM, SIGKILL) as it ends is repeated. */
const TRIES = 3;
const KILLED: readonly number[] = [137, 143];

/** The worker that is asked about the queue on the shared volume, or all of them where each has a queue of its own. */
export function queues(pods: readonly V1Pod[]): V1Pod[] {
  const workers = pods
    .filter(unfinished)
    .filter(({ metadata }) => metadata?.labels?.[COMPONENT_LABEL] === "worker")
    .filter(({ status }) =>
      status?.containerStatuses?.some(({ name, state }) => name === "ralph" && state?.running !== undefined),
    );
  const isShared = ({ spec }: V1Pod): boolean =>
    spec?.volumes?.some(
      ({ name, persistentVolumeClaim }) => name === "workspace" && persistentVolumeClaim !== undefined,
    ) ?? false;
  return workers.some(isShared) ? workers.filter(isShared).slice(0, 1) : workers;
}

export const container = ({ metadata }: V1Pod): Container => ({
  namespace: metadata?.namespace ?? "",
  pod: metadata?.name ?? "",
  container: "ralph",
});

/** @param words names of prompts, or `--all`; none lists what has ended */
export async function askWorker(
  access: ClusterAccess,
  at: Container,
  words: readonly string[] = [],
): Promise<RetryAnswer> {
  for (let tried = 1; ; tried++) {
    const { code, stdout, stderr } = await execIn(access, at, [...RETRY_COMMAND, ...words]);
    if (code === 0) return JSON.parse(stdout) as RetryAnswer;
    if (code === ENDS.usage.code)
      throw new ToolError(
        `the image of pod ${at.pod} is older than this program, and cannot retry: pulumi up`,
      );
    if (!KILLED.includes(code) || tried === TRIES)
      throw new ToolError(
        `pod ${at.pod}: retry ended with ${code}: ${stderr.trim().split("\n").at(-1) ?? ""}`,
      );
  }
}
