import { about, once, unfinished, warnings } from "../pods";
import { check, type Context } from "../types";

const REASONS: readonly [pattern: RegExp, cause: string, fix: (context: Context, pod: string) => string[]][] =
  [
    [
      /Multi-Attach/,
      "Another node still has the disk: a pod there ends, or its node does not answer.",
      ({ kubectl, set }) => [
        "kubectl get volumeattachments",
        kubectl("get pods -o wide"),
        set("persistence.workspace.accessMode", "ReadWriteMany"),
      ],
    ],
    [
      /(secret|configmap) "([^"]+)" not found/,
      "What the pod mounts is not there.",
      ({ up, refresh }) => [refresh, up],
    ],
    [
      /access denied|mount\.nfs|Permission denied/i,
      "The file system refuses the node: its network rules or its permissions do not let it in.",
      ({ kubectl, set }, pod) => [kubectl(`describe ${pod}`), set("persistence.cache.kind", "emptyDir")],
    ],
  ];

/** Volumes that are there and do not get into their pod. */
export const mounts = check({
  name: "mounts",
  needs: ["pods", "events"],
  look({ pods, events }, context) {
    const waiting = new Set(
      pods
        .filter((pod) => unfinished(pod) && pod.status?.phase === "Pending")
        .map(({ metadata }) => metadata?.name),
    );
    const failed = warnings(events, ["FailedMount", "FailedAttachVolume"], "Pod").filter(
      ({ involvedObject }) => waiting.has(involvedObject.name),
    );
    return once(failed, about).map((event) => {
      const [, cause, fix] = REASONS.find(([pattern]) => pattern.test(event.message ?? "")) ?? [];
      const pod = `pod ${event.involvedObject.name}`;
      return {
        object: about(event),
        what: `${event.reason}: ${event.message?.trim().split("\n")[0]}`,
        cause: cause ?? "The volume's driver does not get it into the pod.",
        fix: fix?.(context, pod) ?? [context.kubectl(`describe ${pod}`)],
      };
    });
  },
});
