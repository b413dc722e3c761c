import type { V1Node } from "@kubernetes/client-node";

import { parseQuantity } from "../../../config/quantity";
import { podSpecs } from "../read";
import { called } from "../pods";
import { check, type Finding } from "../types";

const PRESSURES = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];
const condition = ({ status }: V1Node, type: string) =>
  status?.conditions?.find((each) => each.type === type);

/** Nodes that do not work, and pods that are too large for any of them. */
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
              what: "there is none",
              cause: "The node pool is empty, or its machines could not join.",
              fix: [set("cluster.nodes.count", "3"), up],
            },
          ];
    const ill = nodes.flatMap((node): Finding[] => {
      const state = condition(node, "Ready");
      const name = node.metadata?.name ?? "";
      if (state?.status !== "True")
        return [
          {
            object: called("Node", node),
            what: `NotReady: ${state?.message ?? "its kubelet has said nothing yet"}`,
            cause:
              state?.status === "Unknown"
                ? "Its machine is off, or does not reach the API server."
                : "Its kubelet says that it cannot run pods.",
            fix: [`kubectl describe node ${name}`, `kubectl delete node ${name}`],
          },
        ];
      const pressed = PRESSURES.filter((type) => condition(node, type)?.status === "True");
      return pressed.length === 0
        ? []
        : [
            {
              object: called("Node", node),
              what: pressed.map((type) => `${type}: ${condition(node, type)?.message}`).join("; "),
              cause: "It takes no new pods, and puts out those that use more than they request.",
              fix: [set("cluster.nodes.machineType", "<larger>"), up, `kubectl describe node ${name}`],
            },
          ];
    });
    return [...none, ...ill, ...(ready.length > 0 ? tooLarge(ready, podSpecs(templates), { set, up }) : [])];
  },
});

function tooLarge(
  nodes: readonly V1Node[],
  specs: ReturnType<typeof podSpecs>,
  { set, up }: { set: (path: string, value: string) => string; up: string },
): Finding[] {
  return (["cpu", "memory", "ephemeral-storage"] as const).flatMap((resource) => {
    // A node that does not say what it has is not counted as one that has none.
    const largest = Math.max(
      ...nodes.map(({ status }) => parseQuantity(status?.allocatable?.[resource] ?? "") ?? Infinity),
    );
    const asked = specs.map(({ containers }) =>
      containers.reduce(
        (sum, { resources }) => sum + (parseQuantity(resources?.requests?.[resource] ?? "0") ?? 0),
        0,
      ),
    );
    const most = Math.max(0, ...asked);
    if (most <= largest) return [];
    const text = nodes
      .map(({ status }) => status?.allocatable?.[resource])
      .find((each) => parseQuantity(each ?? "") === largest);
    return [
      {
        object: "Nodes",
        what: `a pod requests more ${resource} than any node has: the largest gives pods ${text}`,
        cause: "Such a pod waits for ever; more nodes of this kind do not help.",
        fix: [
          set(`resources.requests.${resource}`, text ?? "1"),
          set("cluster.nodes.machineType", "<larger>"),
          up,
        ],
      },
    ];
  });
}
