import { API_KEY_SECRET, EXTERNAL_API_KEY_SECRET, EXTERNAL_GIT_SECRET } from "../../../workload/names";
import { objectName, containers, family, once } from "../pods";
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
      const external = secret === EXTERNAL_API_KEY_SECRET || secret === EXTERNAL_GIT_SECRET;
      return {
        object: objectName("Pod", pod),
        what: `CreateContainerConfigError: ${message}`,
        cause:
          key !== undefined
            ? `${of} has no key ${key}.`
            : own
              ? "The program created it, and it has been deleted since."
              : secret === undefined
                ? "Something that the container refers to is missing, or it would run as root."
                : external
                  ? "External Secrets has not written it."
                  : "The Secret named by apiKeys.existingSecret does not exist.",
        fix: own
          ? [refresh, up]
          : secret === undefined
            ? [kubectl(`describe pod ${pod.metadata?.name}`)]
            : external
              ? [kubectl(`describe externalsecret ${secret}`)]
              : [
                  kubectl(`create secret generic ${secret} --from-file=CLAUDE_API_KEY=<file>`),
                  set("apiKeys.existingSecret", "<name of an existing Secret>"),
                ],
      };
    });
  },
});
