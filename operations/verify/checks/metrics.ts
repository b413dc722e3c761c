import type { V1Pod } from "@kubernetes/client-node";

import { ENDPOINTS, METRICS_PORT } from "../../../runner/src/contract";
import { APP_LABELS, COMPONENT_LABEL, MONITORING_NAMESPACE } from "../../../workload/names";
import { unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { scrape } from "../programs";
import { type Check, failed, passed, skipped } from "../types";

const PATIENCE_SECONDS = 600;

interface Page {
  readonly samples: number;
  readonly names: readonly string[];
}

/** From the namespace of Prometheus: the network policy admits no other pod, and not the API server's proxy either. */
export const metrics: Check = {
  name: "metrics",
  shows: "a pod in the namespace of Prometheus reads a worker's metrics",
  runsPods: true,
  async run({ client, namespace, sandbox, workers, stack }) {
    const selector = encodeURIComponent(`app=${APP_LABELS.app},${COMPONENT_LABEL}=worker`);
    const pods = await client.list<V1Pod>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
    const worker = pods.find(({ status }) => status?.containerStatuses?.[0]?.ready === true);
    if (worker === undefined) return failed("no worker is ready", `./ralphctl doctor --stack ${stack}`);
    if ((await unlessAbsent(client.get(`/api/v1/namespaces/${MONITORING_NAMESPACE}`))) === undefined)
      return skipped(`the cluster has no namespace ${MONITORING_NAMESPACE}`);
    const job = await sandbox.start({
      what: "metrics",
      namespace: MONITORING_NAMESPACE,
      deadline: PATIENCE_SECONDS,
      pod: programPod(workers, {
        program: scrape,
        env: { URL: `http://${bracketed(worker.status?.podIP ?? "")}:${METRICS_PORT}${ENDPOINTS.metrics}` },
      }),
    });
    const { samples, names } = await sandbox.report<Page>(job, PATIENCE_SECONDS);
    return names.length === 0
      ? failed(`${samples} samples, and none of Ralph`, `kubectl -n ${namespace} get pods`)
      : passed(`${samples} samples, ${names.length} metrics of Ralph`);
  },
};

const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);
