import { objectName, latest } from "../pods";
import { check, type Commands } from "../types";

const REASONS: readonly [pattern: RegExp, cause: string, fix: (commands: Commands) => string[]][] = [
  [
    /exceeded quota/,
    "The namespace's quota does not allow another pod.",
    ({ set, kubectl, up }) => [
      kubectl("describe quota"),
      set("autoscaling.maxReplicas", "<fewer workers>"),
      set("resources.requests.cpu", "500m"),
      up,
    ],
  ],
  [
    /violates PodSecurity/,
    "The namespace's Pod Security level rejects the pod. The program's own pods comply with `restricted`: this one was changed, or is not the program's.",
    ({ kubectl, up, refresh }) => [refresh, up, kubectl("get pods -o yaml")],
  ],
  [
    /serviceaccount "?[\w-]+"? not found|error looking up service account/,
    "The pods' service account was deleted.",
    ({ up, refresh }) => [refresh, up],
  ],
  [
    /(maximum|minimum) .* (usage|limit) per (Container|Pod)|LimitRange/,
    "The namespace's limit range does not allow the pod's requests or limits.",
    ({ set, kubectl, up }) => [kubectl("describe limits"), set("resources.limits.memory", "<allowed>"), up],
  ],
  [
    /admission webhook "([^"]+)" denied/,
    "An admission webhook of the cluster rejects the pod, for the reason above.",
    ({ kubectl }) => [kubectl("get events"), "kubectl get validatingwebhookconfigurations"],
  ],
];

/** Pods that the server refuses to create. Events outlive their cause, so the current state decides. */
export const creation = check({
  name: "creation",
  needs: ["deployments", "jobs", "events"],
  look({ deployments, jobs, events }, commands) {
    const refusedWorkers = deployments.flatMap((each) => {
      const condition = each.status?.conditions?.find(
        ({ type, status }) => type === "ReplicaFailure" && status === "True",
      );
      return condition === undefined
        ? []
        : [{ object: objectName("Deployment", each), message: condition.message ?? condition.reason ?? "" }];
    });
    const refusedTasks = jobs
      .filter(({ status }) => (status?.active ?? 0) === 0 && (status?.conditions ?? []).length === 0)
      .flatMap((each) => {
        const event = latest(events, ["FailedCreate"], "Job", each.metadata?.name ?? "");
        return event === undefined ? [] : [{ object: objectName("Job", each), message: event.message ?? "" }];
      });
    return [...refusedWorkers, ...refusedTasks].map(({ object, message }) => {
      const [, cause, fix] = REASONS.find(([pattern]) => pattern.test(message)) ?? [];
      return {
        object,
        what: `FailedCreate: ${message}`,
        cause: cause ?? "The server rejects its pods.",
        fix: fix?.(commands) ?? [commands.kubectl("get events --field-selector reason=FailedCreate")],
      };
    });
  },
});
