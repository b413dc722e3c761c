import type { V1Node } from "@kubernetes/client-node";

import { parseQuantity } from "../../../config/quantity";
import { podSpecs } from "../read";
import { objectName } from "../pods";
import { check, type Finding } from "../types";

const PRESSURES = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];
const condition = ({ status }: V1Node, type: string) =>
  status?.conditions?.find((each) => each.type === type);

/** Nodes that are not healthy, and pods that are too large for every node. */
export const nodes = check({
  name: "nodes",
  needs: ["nodes", "deployments", "jobs", "cronJobs"],
  look({ nodes, ...templates }, { set, up }) {
    const ready = nodes.filter((node) => condition(node, "Ready")?.status === "True");
    const none: Finding[] =
      nodes.length > 0
        ? []
        : [
            {
              object: "Nodes",
              what: "the cluster has no nodes",
              cause: "The node pool is empty, or its machines could not join the cluster.",
              fix: [set("cluster.nodes.count", "3"), up],
            },
          ];
    const unhealthy = nodes.flatMap((node): Finding[] => {
      const state = condition(node, "Ready");
      const name = node.metadata?.name ?? "";
      if (state?.status !== "True")
        return [
          {
            object: objectName("Node", node),
            what: `NotReady: ${state?.message ?? "its kubelet has not reported yet"}`,
            cause:
              state?.status === "Unknown"
                ? "Its machine is off, or cannot reach the API server."
                : "Its kubelet reports that it cannot run pods.",
            fix: [`kubectl describe node ${name}`, `kubectl delete node ${name}`],
          },
        ];
      const pressed = PRESSURES.filter((type) => condition(node, type)?.status === "True");
      return pressed.length === 0
        ? []
        : [
            {
              object: objectName("Node", node),
              what: pressed.map((type) => `${type}: ${condition(node, type)?.message}`).join("; "),
              cause: "It accepts no new pods, and evicts those that use more than they request.",
              fix: [set("cluster.nodes.machineType", "<larger>"), up, `kubectl describe node ${name}`],
            },
          ];
    });
    return [
      ...none,
      ...unhealthy,
      ...(ready.length > 0 ? tooLarge(ready, podSpecs(templates), { set, up }) : []),
    ];
  },
});

function tooLarge(
  nodes: readonly V1Node[],
  specs: ReturnType<typeof podSpecs>,
  { set, up }: { set: (path: string, value: string) => string; up: string },
): Finding[] {
  return (["cpu", "memory", "ephemeral-storage"] as const).flatMap((resource) => {
    // A node that does not report its capacity does not count as one without any.
    const largest = Math.max(
      ...nodes.map(({ status }) => parseQuantity(status?.allocatable?.[resource] ?? "") ?? Infinity),
    );
    const requested = specs.map(({ containers }) =>
      containers.reduce(
        (sum, { resources }) => sum + (parseQuantity(resources?.requests?.[resource] ?? "0") ?? 0),
        0,
      ),
    );
    const highest = Math.max(0, ...requested);
    if (highest <= largest) return [];
    const text = nodes
      .map(({ status }) => status?.allocatable?.[resource])
      .find((each) => parseQuantity(each ?? "") === largest);
    return [
      {
        object: "Nodes",
        what: `a pod requests more ${resource} than any node has: the largest has ${text} for pods`,
        cause: "Such a pod stays pending indefinitely; more nodes of this size do not help.",
        fix: [
          set(`resources.requests.${resource}`, text ?? "1"),
          set("cluster.nodes.machineType", "<larger>"),
          up,
        ],
      },
    ];
  });
}
