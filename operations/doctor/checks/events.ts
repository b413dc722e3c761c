import { about, once, seenAt } from "../pods";
import { check } from "../types";

/** Kinds that other checks judge by their state: an event about one of these may be about a problem that is over. */
const JUDGED = [
  "Pod",
  "Job",
  "CronJob",
  "ReplicaSet",
  "Deployment",
  "HorizontalPodAutoscaler",
  "PersistentVolumeClaim",
  "Node",
];
/** Milliseconds after which a warning that is not repeated counts as over. */
const RECENT = 15 * 60_000;

/** Warnings about everything else, such as a load balancer that the cloud does not provide. */
export const warned = check({
  name: "events",
  needs: ["events"],
  look({ events }, { kubectl }) {
    const recent = events
      .filter(({ type, involvedObject: { kind = "" } }) => type === "Warning" && !JUDGED.includes(kind))
      .filter((event) => Date.now() - seenAt(event) < RECENT);
    return once(recent, (event) => `${about(event)} ${event.reason}`).map((event) => ({
      object: about(event),
      what: `${event.reason}: ${event.message?.trim().split("\n")[0]}`,
      cause: `${event.source?.component ?? event.reportingComponent ?? "A controller"} in the cluster reports it.`,
      fix: [kubectl(`describe ${event.involvedObject.kind?.toLowerCase()} ${event.involvedObject.name}`)],
    }));
  },
});
