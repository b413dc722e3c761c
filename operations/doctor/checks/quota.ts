import { parseQuantity } from "../../../config/quantity";
import { QUOTA } from "../../../workload/names";
import { objectName } from "../pods";
import { check } from "../types";

/** Exhausted quotas: the next pod of the autoscaler, or of a schedule, is rejected. */
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
          object: objectName("ResourceQuota", each),
          what: `used up: ${full.map((resource) => `${resource} ${used[resource]} of ${hard[resource]}`).join(", ")}`,
          cause: "The next pod is rejected, be it of the autoscaler, a task or a schedule.",
          fix: [
            ...(each.metadata?.name === QUOTA
              ? full.map((resource) => set(`quota.hard["${resource}"]`, "<more>"))
              : [kubectl(`edit quota ${each.metadata?.name}`)]),
            set("autoscaling.maxReplicas", "<fewer workers>"),
            up,
          ],
        },
      ];
    });
  },
});
