import { objectName } from "../pods";
import { check, type Finding } from "../types";

/** An autoscaler that cannot scale, or has reached its maximum. */
export const autoscaling = check({
  name: "autoscaling",
  needs: ["autoscalers", "metricsApi"],
  look({ autoscalers, metricsApi }, { set, up, kubectl }) {
    return autoscalers.flatMap((each): Finding[] => {
      const object = objectName("HorizontalPodAutoscaler", each);
      const conditions = each.status?.conditions ?? [];
      const condition = (type: string, status: string) =>
        conditions.find((one) => one.type === type && one.status === status);
      const inactive = condition("ScalingActive", "False");
      const unable = condition("AbleToScale", "False");
      const { maxReplicas } = each.spec ?? {};
      // KEDA's have a metric of its own.
      const isByUse = each.spec?.metrics?.every(({ type }) => type === "Resource") ?? true;
      if (!metricsApi && isByUse)
        return [
          {
            object,
            what: "has no metrics: the cluster does not serve metrics.k8s.io",
            cause: "The cluster has no metrics-server, so the autoscaler does nothing.",
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
              "The metrics of its pods are not available: they have just started, or metrics-server does not scrape them.",
            fix: [kubectl("top pods"), "kubectl get apiservice v1beta1.metrics.k8s.io -o yaml"],
          },
        ];
      if (unable !== undefined)
        return [
          {
            object,
            what: `${unable.reason}: ${unable.message}`,
            cause: "It cannot find the Deployment, or is not allowed to scale it.",
            fix: [kubectl("describe hpa"), up],
          },
        ];
      const limited = condition("ScalingLimited", "True");
      if (limited?.reason === "TooManyReplicas")
        return [
          {
            object,
            what: `is at its maximum of ${maxReplicas} workers and would add more`,
            cause: "There is more work than the maximum number of workers can handle.",
            fix: [set("autoscaling.maxReplicas", String(2 * (maxReplicas ?? 10))), up],
          },
        ];
      return [];
    });
  },
});
