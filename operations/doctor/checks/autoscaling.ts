import { called } from "../pods";
import { check, type Finding } from "../types";

/** An autoscaler that cannot count, or counts as far as it may. */
export const autoscaling = check({
  name: "autoscaling",
  needs: ["autoscalers", "metricsApi"],
  look({ autoscalers, metricsApi }, { set, up, kubectl }) {
    return autoscalers.flatMap((each): Finding[] => {
      const object = called("HorizontalPodAutoscaler", each);
      const conditions = each.status?.conditions ?? [];
      const condition = (type: string, status: string) =>
        conditions.find((one) => one.type === type && one.status === status);
      const inactive = condition("ScalingActive", "False");
      const unable = condition("AbleToScale", "False");
      const { maxReplicas } = each.spec ?? {};
      if (!metricsApi)
        return [
          {
            object,
            what: "has no metrics: nobody serves metrics.k8s.io",
            cause: "The cluster has no metrics-server, so it scales nothing.",
            fix: [
              "kubectl apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml",
              set("autoscaling.enabled", "false"),
              up,
            ],
          },
        ];
      if (inactive !== undefined && inactive.reason !== "ScalingDisabled")
        return [
          {
            object,
            what: `${inactive.reason}: ${inactive.message}`,
            cause:
              "The metrics of its pods cannot be had: they have just started, or metrics-server does not see them.",
            fix: [kubectl("top pods"), "kubectl get apiservice v1beta1.metrics.k8s.io -o yaml"],
          },
        ];
      if (unable !== undefined)
        return [
          {
            object,
            what: `${unable.reason}: ${unable.message}`,
            cause: "It does not find, or may not change, the Deployment.",
            fix: [kubectl("describe hpa"), up],
          },
        ];
      const limited = condition("ScalingLimited", "True");
      if (limited?.reason === "TooManyReplicas")
        return [
          {
            object,
            what: `is at its most, ${maxReplicas} workers, and would have more`,
            cause: "There is more work than the workers that it may have can do.",
            fix: [set("autoscaling.maxReplicas", String(2 * (maxReplicas ?? 10))), up],
          },
        ];
      return [];
    });
  },
});
