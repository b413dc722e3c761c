import { objectName, containers, family, latest, once, unfinished } from "../pods";
import { check } from "../types";

/** Running containers whose probes fail. */
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
      object: objectName("Pod", pod),
      what: `not ready: ${message.trim()}`,
      cause: /connection refused|404|EOF/.test(message)
        ? "Nothing in the container serves /healthz and /readyz on port 8080: was the image built from runner/?"
        : "The runner reports that it cannot work; its log says why.",
      fix: [
        kubectl(`logs ${pod.metadata?.name}`),
        ...(/connection refused|404|EOF/.test(message) ? [set("image.repository", "<repository>"), up] : []),
      ],
    }));
  },
});
