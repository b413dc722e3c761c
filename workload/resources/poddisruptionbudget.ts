import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { DISRUPTION_BUDGET } from "../names";
import type { Scope } from "../scope";

/** Workers are evicted from a drained node one at a time; unhealthy ones do not block that. */
export function podDisruptionBudget({ name, metadata, selector, options }: Scope): PodDisruptionBudget {
  return new PodDisruptionBudget(
    `${name}-pdb`,
    {
      metadata: metadata(DISRUPTION_BUDGET),
      spec: {
        selector: { matchLabels: selector.worker },
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    options(),
  );
}
