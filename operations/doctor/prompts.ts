import { ToolError } from "../../lib/errors";
import { type ClusterAccess, Refusal } from "../cluster/client";
import { ENDS } from "../../runner/src/contract";
import { askWorker, container, queues } from "../queue";
import type { Unseen } from "../unseen";
import { sentence } from "./checks/crashes";
import type { Commands, Finding, Objects } from "./types";

/** Prompts of the queue that ended without success, which only a worker knows. */
export async function findEnded(
  access: ClusterAccess,
  { pods = [], nodes = [] }: Partial<Objects>,
  { namespace, stack, kubectl }: Commands,
): Promise<{
  readonly looked: boolean;
  readonly findings: readonly Finding[];
  readonly unseen: readonly Unseen[];
}> {
  const simulated = nodes
    .filter(({ metadata }) => metadata?.annotations?.["kwok.x-k8s.io/node"] === "fake")
    .map(({ metadata }) => metadata?.name);
  const workers = queues(pods).filter(
    ({ spec }) => spec?.nodeName !== undefined && !simulated.includes(spec.nodeName),
  );
  const retry = `./ralphctl retry ${stack === undefined ? `--namespace ${namespace}` : `--stack ${stack}`}`;
  try {
    const answers = await Promise.all(workers.map((pod) => askWorker(access, container(pod))));
    const findings = answers.flatMap(({ ended }) =>
      ended.map(({ name, state, outcome, runs, iterations }) => ({
        object: `Prompt ${name}`,
        what: `${state === outcome ? state : `${state}: ${outcome}`} (runs: ${runs}, iterations: ${iterations})`,
        cause: sentence(ENDS[outcome].meaning),
        fix: [kubectl("logs -l app.kubernetes.io/component=worker --prefix --tail=200"), `${retry} ${name}`],
      })),
    );
    return { looked: workers.length > 0, findings, unseen: [] };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const fix = error instanceof Refusal ? `kubectl auth can-i create pods/exec -n ${namespace}` : retry;
    return { looked: false, findings: [], unseen: [{ about: "failed prompts", reason: error.message, fix }] };
  }
}
