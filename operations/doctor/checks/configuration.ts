import { API_KEY_SECRET } from "../../../workload/names";
import { called, containers, family, once } from "../pods";
import { check } from "../types";

/** Pods that wait for a Secret, a ConfigMap, or a key of one. */
export const configuration = check({
  name: "configuration",
  needs: ["pods"],
  look({ pods }, { set, up, refresh, kubectl }) {
    const stuck = pods.flatMap((pod) =>
      containers(pod)
        .filter(({ state }) => state?.waiting?.reason === "CreateContainerConfigError")
        .map((container) => ({ pod, message: container.state?.waiting?.message ?? "" })),
    );
    return once(stuck, ({ pod, message }) => `${family(pod)} ${message}`).map(({ pod, message }) => {
      const [, secret] = /secret "([^"]+)" not found/.exec(message) ?? [];
      const [, key, of] =
        /couldn't find key (\S+) in (?:Secret|ConfigMap) \S*?([^/\s]+)$/.exec(message) ?? [];
      const own = secret === API_KEY_SECRET || /configmap "ralph-/.test(message);
      return {
        object: called("Pod", pod),
        what: `CreateContainerConfigError: ${message}`,
        cause:
          key !== undefined
            ? `${of} has no key ${key}.`
            : own
              ? "It is one of the program's own, and somebody has deleted it."
              : secret === undefined
                ? "What the container is made from is missing, or it would run as root."
                : "The Secret that apiKeys.existingSecret names has not been made.",
        fix: own
          ? [refresh, up]
          : secret === undefined
            ? [kubectl(`describe pod ${pod.metadata?.name}`)]
            : [
                kubectl(`create secret generic ${secret} --from-file=CLAUDE_API_KEY=<file>`),
                set("apiKeys.existingSecret", "<name of a Secret that is there>"),
              ],
      };
    });
  },
});
