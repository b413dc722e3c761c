import { parseQuantity } from "../../../config/quantity";
import { called } from "../pods";
import { check } from "../types";

/** Quotas that are used up: the next pod of the autoscaler, or of a schedule, is refused. */
export const quota = check({
  name: "quota",
  needs: ["quotas"],
  look({ quotas }, { set, up, kubectl }) {
    return quotas.flatMap((each) => {
      const { hard = {}, used = {} } = each.status ?? {};
      const full = Object.keys(hard).filter(
        (resource) =>
          (parseQuantity(used[resource] ?? "0") ?? 0) >= (parseQuantity(hard[resource] ?? "") ?? Infinity),
      );
      if (full.length === 0) return [];
      return [
        {
          object: called("ResourceQuota", each),
          what: `used up: ${full.map((resource) => `${resource} ${used[resource]} of ${hard[resource]}`).join(", ")}`,
          cause: "Whatever comes next is refused: a worker of the autoscaler, a task, a schedule's Job.",
          fix: [
            kubectl(`edit quota ${each.metadata?.name}`),
            set("autoscaling.maxReplicas", "<fewer workers>"),
            up,
          ],
        },
      ];
    });
  },
});
