import type { RunResult } from "../lib/process";

/** What an existing cluster offers, as far as the stack's configuration depends on it. */
export interface Survey {
  /** Default storage class of the cluster. */
  readonly defaultStorageClass?: string;
  readonly metricsApi: boolean;
  readonly serviceMonitors: boolean;
  readonly monitoringNamespace: boolean;
}

interface StorageClassList {
  items: { metadata: { name: string; annotations?: Record<string, string> } }[];
}

/** Queries the server; changes nothing. */
export async function surveyCluster(ask: (args: readonly string[]) => Promise<RunResult>): Promise<Survey> {
  const has = async (...args: string[]): Promise<boolean> => (await ask(["get", ...args])).code === 0;
  const [classes, metricsApi, serviceMonitors, monitoringNamespace] = await Promise.all([
    ask(["get", "storageclasses", "-o", "json"]),
    has("--raw", "/apis/metrics.k8s.io/v1beta1"),
    has("--raw", "/apis/monitoring.coreos.com/v1"),
    has("namespace", "monitoring"),
  ]);
  const items = classes.code === 0 ? (JSON.parse(classes.stdout) as StorageClassList).items : [];
  const isDefault = ({ metadata }: StorageClassList["items"][number]): boolean =>
    metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
  return {
    defaultStorageClass: items.find(isDefault)?.metadata.name,
    metricsApi,
    serviceMonitors,
    monitoringNamespace,
  };
}

/** The stack's initial configuration: what the program expects and the cluster lacks is switched off. */
export function configurationFor(
  survey: Survey,
  target: { kubeconfig: string; context: string },
  namespace?: string,
): Record<string, unknown> {
  const monitoring = {
    ...(!survey.serviceMonitors && { serviceMonitor: { enabled: false } }),
    ...(!survey.monitoringNamespace && { prometheusConfig: { enabled: false } }),
  };
  return {
    "ralph:cloud": "existing",
    "ralph:cluster": {
      kubeconfig: target.kubeconfig,
      context: target.context,
      ...(survey.defaultStorageClass !== undefined && { storageClass: { rwo: survey.defaultStorageClass } }),
      ...(!survey.metricsApi && { metricsApi: false }),
    },
    // No API reports which storage classes support ReadWriteMany.
    "ralph:persistence": { cache: { kind: "emptyDir" } },
    ...(Object.keys(monitoring).length > 0 && { "ralph:monitoring": monitoring }),
    ...(namespace !== undefined && { "ralph:namespace": namespace }),
  };
}
