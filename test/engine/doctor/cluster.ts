import { type Case, type Expected, NAMESPACE, container, event, job, onPod, pod } from "./case";

const TOO_LARGE: Expected = {
  check: "nodes",
  object: "Nodes",
  what: /more memory than any node has: the largest has \d+Gi for pods/,
  cause: /indefinitely/,
  fix: "pulumi config set --path ralph:cluster.nodes.machineType '<larger>' --stack patient",
};

/** What the cluster cannot provide. */
export const CLUSTER: readonly Case[] = [
  {
    what: "a pod that is too large for every node",
    objects: [
      pod(
        { schedulerName: "default-scheduler" },
        { resources: { requests: { cpu: "15500m", memory: "900Gi" } } },
      ),
    ],
    expected: [
      TOO_LARGE,
      onPod(
        "scheduling",
        /0\/\d+ nodes are available/,
        /enough free memory/,
        "pulumi config set --path ralph:resources.requests.memory 1Gi --stack patient",
      ),
    ],
  },
  {
    what: "a pod that requires a label that no node has",
    objects: [pod({ schedulerName: "default-scheduler", nodeSelector: { moon: "full" } })],
    expected: [onPod("scheduling", /node affinity\/selector/, /labels/, "kubectl get nodes --show-labels")],
  },
  {
    what: "a node that is short of memory",
    objects: [{ apiVersion: "v1", kind: "Node", metadata: { name: "broken" } }],
    nodeStatus: {
      conditions: [
        { type: "Ready", status: "True" },
        { type: "MemoryPressure", status: "True", message: "kubelet has insufficient memory available" },
      ],
    },
    expected: [
      {
        check: "nodes",
        object: "Node broken",
        what: /MemoryPressure: kubelet has insufficient memory/,
        cause: /no new pods/,
        fix: "kubectl describe node broken",
      },
    ],
  },
  {
    what: "a workload that is too large for every node",
    objects: [
      job({ suspend: true }, { containers: [container({ resources: { requests: { memory: "900Gi" } } })] }),
    ],
    expected: [TOO_LARGE],
  },
  {
    what: "a load balancer that the cloud does not provide",
    objects: [event("Service", "ralph-metrics", "SyncLoadBalancerFailed", "quota of addresses exceeded")],
    expected: [
      {
        check: "events",
        object: "Service ralph-metrics",
        what: /SyncLoadBalancerFailed: quota/,
        cause: /test in the cluster/,
        fix: `kubectl -n ${NAMESPACE} describe service ralph-metrics`,
      },
    ],
  },
];
