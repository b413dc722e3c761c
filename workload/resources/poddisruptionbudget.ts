import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import type { Scope } from "../scope";

/** Workers leave a drained node one at a time; one that is not healthy holds nobody up. */
export function podDisruptionBudget({ name, metadata, selector, options }: Scope): PodDisruptionBudget {
  return new PodDisruptionBudget(
    `${name}-pdb`,
    {
      metadata: metadata("ralph-pdb"),
      spec: {
        selector: { matchLabels: selector.worker },
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    options(),
  );
}
