/** Queries that alerts and dashboard share, and docs/metrics.md explains. */

/** Selects the series of one namespace: `of("ralph_prompts", 'state="pending"')`. */
export type Selector = (metric: string, ...matchers: string[]) => string;

export const selectorOf =
  (namespace: string): Selector =>
  (metric, ...matchers) =>
    `${metric}{${[`namespace="${namespace}"`, ...matchers].join()}}`;

/** Pods of the Deployment. The others run one prompt each, and their counters may be scraped only once. */
const WORKERS = "ralph-orchestrator-.*";

/** Dollars of the last 24 hours, of workers, tasks and schedules. */
export const dailyCost = (of: Selector): string =>
  `(sum(increase(${of("ralph_cost_usd_total", `pod=~"${WORKERS}"`)}[24h])) or vector(0)) + ` +
  `(sum(max_over_time(${of("ralph_cost_usd_total", `pod!~"${WORKERS}"`)}[24h])) or vector(0))`;

/** Prompts in one state. Every worker counts the same prompts. */
export const prompts = (of: Selector, state: string): string =>
  `max(${of("ralph_prompts", `state="${state}"`)})`;

/** Used part of the memory limit of each pod. cAdvisor's own limit is missing: kube-prometheus-stack drops it. */
export const memoryShare = (of: Selector): string =>
  `max by (pod) (${of("container_memory_working_set_bytes", 'container="ralph"')}) / ` +
  `max by (pod) (${of("kube_pod_container_resource_limits", 'container="ralph"', 'resource="memory"')})`;

/** Free part of each volume. */
export const freeShare = (of: Selector): string =>
  `max by (persistentvolumeclaim) (${of("kubelet_volume_stats_available_bytes")}) / ` +
  `max by (persistentvolumeclaim) (${of("kubelet_volume_stats_capacity_bytes")})`;
