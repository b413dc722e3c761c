import { about, once, unfinished, warnings } from "../pods";
import { check, type Commands } from "../types";

const REASONS: readonly [
  pattern: RegExp,
  cause: string,
  fix: (commands: Commands, pod: string) => string[],
][] = [
  [
    /Multi-Attach/,
    "Another node still holds the disk: a pod there is terminating, or that node does not respond.",
    ({ kubectl, set }) => [
      "kubectl get volumeattachments",
      kubectl("get pods -o wide"),
      set("persistence.workspace.accessMode", "ReadWriteMany"),
    ],
  ],
  [
    /(secret|configmap) "([^"]+)" not found/,
    "Something that the pod mounts does not exist.",
    ({ up, refresh }) => [refresh, up],
  ],
  [
    /access denied|mount\.nfs|Permission denied/i,
    "The file server rejects the node: check its network rules and permissions.",
    ({ kubectl, set }, pod) => [kubectl(`describe ${pod}`), set("persistence.cache.kind", "emptyDir")],
  ],
];

/** Volumes that exist but cannot be mounted. */
export const mounts = check({
  name: "mounts",
  needs: ["pods", "events"],
  look({ pods, events }, commands) {
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
        cause: cause ?? "The volume's driver cannot mount it.",
        fix: fix?.(commands, pod) ?? [commands.kubectl(`describe ${pod}`)],
      };
    });
  },
});
