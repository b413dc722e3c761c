/** What a PromQL expression selects, and which metrics and labels exist. */
import { Metrics, PROMPT_STATES } from "../../runner/src/metrics";

/** The values of each label of a metric. */
export type Labels = Readonly<Record<string, ReadonlySet<string>>>;

export interface Selection {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Every `metric{label="value"}` of an expression. */
export const selections = (expression: string): Selection[] =>
  [...expression.matchAll(/(\w+)\{([^}]*)\}/g)].map(([, metric = "", matchers = ""]) => ({
    metric,
    labels: Object.fromEntries(
      [...matchers.matchAll(/(\w+)[=!]~?"([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value]),
    ),
  }));

/** Labels that Prometheus adds to what it scrapes. */
const TARGET = ["namespace", "pod"];

/**
 * What others export about Ralph's pods:
 * https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload,
 * https://kubernetes.io/docs/reference/instrumentation/metrics/, https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
const OF_KUBERNETES: Readonly<Record<string, readonly string[]>> = {
  container_cpu_usage_seconds_total: ["container", "pod"],
  container_memory_working_set_bytes: ["container", "pod"],
  kube_pod_container_resource_limits: ["container", "pod", "resource"],
  kube_job_failed: ["job_name", "condition"],
  kube_job_status_start_time: ["job_name"],
  kube_cronjob_status_last_successful_time: ["cronjob"],
  kube_cronjob_created: ["cronjob"],
  kubelet_volume_stats_available_bytes: ["persistentvolumeclaim"],
  kubelet_volume_stats_capacity_bytes: ["persistentvolumeclaim"],
};

/** Every metric that the runner exports, with all its values of labels, by the runner's own code. */
export async function runnerMetrics(): Promise<Readonly<Record<string, Labels>>> {
  const metrics = new Metrics();
  metrics.built("0", "0");
  metrics.prompts = Object.fromEntries(PROMPT_STATES.map((state) => [state, 0]));
  metrics.started("p", "claude", 0);
  metrics.unavailable = "budget";
  const found: Record<string, Record<string, Set<string>>> = {};
  for (const { name, values } of await metrics.registry.getMetricsAsJSON())
    for (const { labels, ...value } of values) {
      // Only the series of a histogram have names of their own.
      const of = (found["metricName" in value ? String(value.metricName) : name] ??= {});
      for (const [label, text] of Object.entries(labels)) (of[label] ??= new Set()).add(String(text));
    }
  return found;
}

/** What is wrong with an expression's metrics and labels: nothing, or one line each. */
export function unknownSeries(
  expression: string,
  runner: Readonly<Record<string, Labels>>,
  namespace: string,
): string[] {
  return selections(expression).flatMap(({ metric, labels }) => {
    const ofKubernetes = OF_KUBERNETES[metric];
    const known = runner[metric];
    if (ofKubernetes === undefined && known === undefined) return [`nothing exports ${metric}`];
    return Object.entries(labels).flatMap(([label, value]) => {
      if (label === "namespace") return value === namespace ? [] : [`${metric} of namespace ${value}`];
      if (TARGET.includes(label) || ofKubernetes?.includes(label) === true) return [];
      return value
        .split("|")
        .filter((each) => known?.[label]?.has(each) !== true)
        .map((each) => `${metric} has no ${label} ${each}`);
    });
  });
}
