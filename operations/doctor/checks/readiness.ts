import { called, containers, family, latest, once, unfinished } from "../pods";
import { check } from "../types";

/** Containers that run, and whose probes fail. */
export const readiness = check({
  name: "readiness",
  needs: ["pods", "events"],
  look({ pods, events }, { set, up, kubectl }) {
    const failing = pods.filter(unfinished).flatMap((pod) => {
      const running = containers(pod).some(({ ready, state }) => !ready && state?.running !== undefined);
      const event = latest(events, ["Unhealthy"], "Pod", pod.metadata?.name ?? "");
      return running && event !== undefined ? [{ pod, message: event.message ?? "" }] : [];
    });
    return once(failing, ({ pod }) => family(pod)).map(({ pod, message }) => ({
      object: called("Pod", pod),
      what: `not ready: ${message.trim()}`,
      cause: /connection refused|404|EOF/.test(message)
        ? "Nothing in the container answers on port 8080 with /healthz and /readyz: is it an image of runner/?"
        : "The runner says that it cannot work; why, it says in its log.",
      fix: [
        kubectl(`logs ${pod.metadata?.name}`),
        ...(/connection refused|404|EOF/.test(message) ? [set("image.repository", "<repository>"), up] : []),
      ],
    }));
  },
});
