import type { V1Job, V1Pod } from "@kubernetes/client-node";

import type { EndedPrompt, Retried, RetryAnswer } from "../runner/src/contract";
import { ToolError } from "../lib/errors";
import { APP_LABELS, RALPH } from "../workload/names";
import { type ClusterAccess, openCluster } from "./cluster/client";
import { commandsFor } from "./doctor";
import { failedJob, runAgain } from "./doctor/checks/jobs";
import { askWorker, container, queues } from "./queue";

export interface RetryOptions extends ClusterAccess {
  /** Default: the context's, then the program's own. */
  readonly namespace?: string;
  /** Stack that the suggested commands configure. Default: the selected one. */
  readonly stack?: string;
  /** Names of prompts; none lists what failed. */
  readonly prompts: readonly string[];
  /** Whether every failed prompt is retried. */
  readonly all: boolean;
}

export interface RetryReport {
  readonly namespace: string;
  /** What became of those that were named. */
  readonly results: RetryAnswer["results"];
  /** Prompts that are left without success. */
  readonly ended: readonly EndedPrompt[];
  /** Failed Jobs: a Job does not run twice, so that each has the commands that replace it. */
  readonly jobs: readonly { readonly name: string; readonly what: string; readonly fix: readonly string[] }[];
}

/**
 * Lists what ended without success, and has the workers run prompts again.
 *
 * @throws Unreachable if the API server does not answer, or rejects the credentials
 * @throws ToolError if no worker runs
 */
export async function retry({
  namespace: wanted,
  stack,
  prompts,
  all,
  ...access
}: RetryOptions): Promise<RetryReport> {
  const client = await openCluster(access);
  const namespace = wanted ?? client.namespace ?? RALPH;
  const labels = encodeURIComponent(`app=${APP_LABELS.app}`);
  const [pods, jobs] = await Promise.all([
    client.list<V1Pod>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${labels}`),
    client.list<V1Job>(`/apis/batch/v1/namespaces/${namespace}/jobs?labelSelector=${labels}`),
  ]);
  const workers = queues(pods);
  const where = stack === undefined ? `--namespace ${namespace}` : `--stack ${stack}`;
  if (workers.length === 0)
    throw new ToolError(`no worker runs in namespace ${namespace}: ./ralphctl doctor ${where}`);
  const answers = await Promise.all(
    workers.map((pod) => askWorker(access, container(pod), [...(all ? ["--all"] : []), ...prompts])),
  );
  const commands = commandsFor(namespace, stack);
  return {
    namespace,
    ...joined(answers),
    jobs: jobs.flatMap((job) => {
      const what = failedJob(job);
      if (what === undefined) return [];
      return [{ name: job.metadata?.name ?? "", what, fix: runAgain(job, commands) }];
    }),
  };
}

/** From the best to the worst, where workers without a shared volume answer differently. */
const RANKS: readonly Retried[] = ["retried", "running", "pending", "busy", "completed", "unknown"];

function joined(answers: readonly RetryAnswer[]): Pick<RetryReport, "results" | "ended"> {
  const results = new Map<string, Retried>();
  for (const { prompt, result } of answers.flatMap((answer) => answer.results)) {
    const other = results.get(prompt) ?? "unknown";
    results.set(prompt, RANKS.indexOf(result) < RANKS.indexOf(other) ? result : other);
  }
  const ended = answers.flatMap((answer) => answer.ended);
  return {
    results: [...results].map(([prompt, result]) => ({ prompt, result })),
    ended: [...new Map(ended.map((each) => [each.name, each])).values()],
  };
}
