import { called, latest } from "../pods";
import { check, type Context } from "../types";

const REASONS: readonly [pattern: RegExp, cause: string, fix: (context: Context) => string[]][] = [
  [
    /exceeded quota/,
    "The namespace's quota has no room for another pod.",
    ({ set, kubectl, up }) => [
      kubectl("describe quota"),
      set("autoscaling.maxReplicas", "<fewer workers>"),
      set("resources.requests.cpu", "500m"),
      up,
    ],
  ],
  [
    /violates PodSecurity/,
    "The namespace's Pod Security refuses the pod. The program's own pods pass `restricted`: this one was changed, or is another's.",
    ({ kubectl, up, refresh }) => [refresh, up, kubectl("get pods -o yaml")],
  ],
  [
    /serviceaccount "?[\w-]+"? not found|error looking up service account/,
    "The pods' account was deleted.",
    ({ up, refresh }) => [refresh, up],
  ],
  [
    /(maximum|minimum) .* (usage|limit) per (Container|Pod)|LimitRange/,
    "The namespace's limit range does not allow what the pod asks for.",
    ({ set, kubectl, up }) => [kubectl("describe limits"), set("resources.limits.memory", "<allowed>"), up],
  ],
  [
    /admission webhook "([^"]+)" denied/,
    "A policy of the cluster, by an admission webhook, refuses the pod; it says why.",
    ({ kubectl }) => [kubectl("get events"), "kubectl get validatingwebhookconfigurations"],
  ],
];

/** Pods that the server does not let come into being. An event outlives its cause, so the state decides. */
export const creation = check({
  name: "creation",
  needs: ["deployments", "jobs", "events"],
  look({ deployments, jobs, events }, context) {
    const refusedWorkers = deployments.flatMap((each) => {
      const condition = each.status?.conditions?.find(
        ({ type, status }) => type === "ReplicaFailure" && status === "True",
      );
      return condition === undefined
        ? []
        : [{ object: called("Deployment", each), message: condition.message ?? condition.reason ?? "" }];
    });
    const refusedTasks = jobs
      .filter(({ status }) => (status?.active ?? 0) === 0 && (status?.conditions ?? []).length === 0)
      .flatMap((each) => {
        const event = latest(events, ["FailedCreate"], "Job", each.metadata?.name ?? "");
        return event === undefined ? [] : [{ object: called("Job", each), message: event.message ?? "" }];
      });
    return [...refusedWorkers, ...refusedTasks].map(({ object, message }) => {
      const [, cause, fix] = REASONS.find(([pattern]) => pattern.test(message)) ?? [];
      return {
        object,
        what: `FailedCreate: ${message}`,
        cause: cause ?? "The server refuses its pods.",
        fix: fix?.(context) ?? [context.kubectl("get events --field-selector reason=FailedCreate")],
      };
    });
  },
});
