import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { DISRUPTION_BUDGET } from "../names";
import type { Scope } from "../scope";

/** Workers leave a drained node one at a time; one that is not healthy holds nobody up. */
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
