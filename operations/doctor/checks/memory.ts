import { parseQuantity } from "../../../config/quantity";
import { objectName, containers, family, once, specOf } from "../pods";
import { check } from "../types";

const GIB = 1024 ** 3;

/** Containers that the kernel killed for using too much memory, and pods that a node evicted. */
export const memory = check({
  name: "memory",
  alert: "RalphMemoryHigh",
  needs: ["pods"],
  look({ pods }, { set, up, kubectl }) {
    const killed = pods.flatMap((pod) =>
      containers(pod)
        .filter(({ state, lastState }) =>
          [state, lastState].some((each) => each?.terminated?.reason === "OOMKilled"),
        )
        .map((container) => ({ pod, container })),
    );
    const evicted = pods.filter(({ status }) => status?.reason === "Evicted");
    return [
      ...once(killed, ({ pod, container }) => `${family(pod)} ${container.name}`).map(
        ({ pod, container }) => {
          const limit = specOf(pod, container.name)?.resources?.limits?.memory;
          return {
            object: objectName("Pod", pod),
            what: `OOMKilled${limit === undefined ? "" : ` at its limit of ${limit}`}, ${container.restartCount} restarts`,
            cause:
              limit === undefined
                ? "The node ran out of memory, and the container has no limit."
                : "The agent and its tools used more memory than their limit.",
            fix: [set("resources.limits.memory", doubled(limit)), up],
          };
        },
      ),
      ...once(evicted, family).map((pod) => {
        const message = pod.status?.message ?? "";
        const [, resource = ""] = /low on resource: ([\w-]+)/.exec(message) ?? [];
        const key = ["memory", "ephemeral-storage"].find((each) => resource === each);
        return {
          object: objectName("Pod", pod),
          what: `Evicted: ${message}`,
          cause: "Its node ran short of it; pods that use more than they request are evicted first.",
          fix:
            key === undefined
              ? [kubectl(`describe pod ${pod.metadata?.name}`)]
              : [set(`resources.requests.${key}`, "4Gi"), up],
        };
      }),
    ];
  },
});

/** Twice a limit, as in the guide: 4Gi becomes 8Gi. */
function doubled(limit = "4Gi"): string {
  const bytes = 2 * (parseQuantity(limit) ?? 4 * GIB);
  return bytes % GIB === 0 ? `${bytes / GIB}Gi` : `${Math.ceil(bytes / 1024 ** 2)}Mi`;
}
