import type { RunResult } from "../lib/process";

/** What a cluster that is not made here has, as far as the stack's configuration depends on it. */
export interface Survey {
  /** Storage class for claims that name none. */
  readonly defaultStorageClass?: string;
  readonly metricsApi: boolean;
  readonly serviceMonitors: boolean;
  readonly monitoringNamespace: boolean;
}

interface StorageClassList {
  items: { metadata: { name: string; annotations?: Record<string, string> } }[];
}

/** Asks the server; changes nothing. */
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

/** The stack's first configuration: what the program takes for granted is switched off where it is not there. */
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
    // No server says which of its classes can be written from many nodes.
    "ralph:persistence": { cache: { kind: "emptyDir" } },
    ...(Object.keys(monitoring).length > 0 && { "ralph:monitoring": monitoring }),
    ...(namespace !== undefined && { "ralph:namespace": namespace }),
  };
}
