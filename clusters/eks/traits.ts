import type { ClusterTraits } from "../types";
import type { Config } from "./config";
import { architecture } from "./instances";
import { publicRange, resolverAddress } from "./subnets";

/** Names of the classes that storage.ts describes: EKS brings none that works. */
export const RWO_CLASS = "gp3";
export const RWX_CLASS = "efs";

export const traits = ({ network, nodes }: Config): ClusterTraits => ({
  storageClass: { rwo: RWO_CLASS, rwx: RWX_CLASS },
  ingress: {
    className: "alb",
    missing: "the AWS Load Balancer Controller",
    annotations: {
      "alb.ingress.kubernetes.io/scheme": "internet-facing",
      "alb.ingress.kubernetes.io/target-type": "ip",
    },
    from: { namespaces: [], cidrs: [publicRange(network.cidr)] },
  },
  networkPolicy: {
    enforced: true,
    // The VPC CNI looks at packets before kube-proxy gives them the address of a pod.
    dnsCidrs: [`${resolverAddress(network.serviceCidr)}/32`],
    blockedCidrs: [],
  },
  metricsApi: true,
  architectures: [architecture(nodes.machineType) === "ARM" ? "arm64" : "amd64"],
  registry: true,
  // EKS sets the label; all nodes have it, so nothing needs a toleration.
  ...(nodes.spot
    ? { scheduling: { nodeSelector: { "eks.amazonaws.com/capacityType": "SPOT" }, tolerations: [] } }
    : {}),
});
