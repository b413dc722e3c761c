import type { V1Service } from "@kubernetes/client-node";

import { RALPH } from "../../../workload/names";
import { unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { targets } from "../programs";
import { type Check, failed, passed, type Result, skipped } from "../types";

const PATIENCE_SECONDS = 600;
/** The operator reloads Prometheus within two minutes, which then looks for targets every 30 seconds. */
const DISCOVERY_MILLISECONDS = 180_000;

/** The operator creates it for each Prometheus: https://prometheus-operator.dev/docs/api-reference/api/ */
const GOVERNING_SERVICE = "prometheus-operated";

/** What Prometheus says about the targets of the stack's ServiceMonitor. */
export interface Targets {
  readonly up: number;
  readonly all: number;
  /** The last error of one that is down. */
  readonly error: string;
}

/** That a pod can read the metrics does not show that Prometheus selects the ServiceMonitor. */
export const prometheus: Check = {
  name: "prometheus",
  shows: "Prometheus itself has scraped a pod of the stack, by its ServiceMonitor",
  runsPods: true,
  async run({ client, namespace, sandbox, workers }) {
    const monitor = `/apis/monitoring.coreos.com/v1/namespaces/${namespace}/servicemonitors/${RALPH}`;
    if ((await unlessAbsent(client.get(monitor))) === undefined)
      return skipped("the stack has no ServiceMonitor (ralph:monitoring.serviceMonitor.enabled)");
    const selector = encodeURIComponent(`metadata.name=${GOVERNING_SERVICE}`);
    const [service] = await client.list<V1Service>(`/api/v1/services?fieldSelector=${selector}`);
    const home = service?.metadata?.namespace;
    if (home === undefined)
      return skipped("no Prometheus of an operator is in the cluster (ralph:monitoring.install)");
    const job = await sandbox.start({
      what: "targets",
      namespace: home,
      deadline: PATIENCE_SECONDS,
      pod: programPod(workers, {
        program: targets,
        env: {
          URL: `http://${GOVERNING_SERVICE}.${home}.svc:9090/api/v1/targets?state=active`,
          POOL: `serviceMonitor/${namespace}/${RALPH}/`,
          PATIENCE: String(DISCOVERY_MILLISECONDS),
        },
      }),
    });
    return judgeTargets(await sandbox.report<Targets>(job, PATIENCE_SECONDS));
  },
};

export function judgeTargets({ up, all, error }: Targets): Result {
  if (all === 0)
    return failed(
      "Prometheus has no target of the stack: it does not select its ServiceMonitor",
      "kubectl get prometheuses -A -o jsonpath='{.items[*].spec.serviceMonitorSelector}'",
    );
  return up === 0
    ? failed(`Prometheus reads none of ${all} targets: ${error}`, "kubectl get networkpolicies -A")
    : passed(`${up} of ${all} targets are up`);
}
