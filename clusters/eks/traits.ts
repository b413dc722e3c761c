import { addressAt } from "../cidr";
import type { ClusterTraits } from "../types";
import { snapshots } from "./backups";
import type { Config } from "./config";
import { AWS_CLI } from "./kubeconfig";
import { architecture } from "./machine-types";
import { SPOT_LABEL, SPOT_TAINT } from "./node-groups";
import { publicRange } from "./subnets";

/** Names of the classes in storage.ts: EKS itself provides no class that works. */
export const RWO_CLASS = "gp3";
export const RWX_CLASS = "efs";
/** For new disks with a key of the user's. A class and a disk cannot change theirs, so gp3 stays. */
export const KEY_CLASS = "gp3-cmk";

/** EKS gives the DNS resolver this address of the Services' range. */
const RESOLVER_ADDRESS = 10;

export const traits = ({ network, nodes, storage }: Config): ClusterTraits => ({
  storageClass: { rwo: storage.kmsKey === undefined ? RWO_CLASS : KEY_CLASS, rwx: RWX_CLASS },
  snapshots: snapshots(),
  ingress: {
    className: "alb",
    missing: "the AWS Load Balancer Controller",
    annotations: {
      "alb.ingress.kubernetes.io/scheme": "internet-facing",
      "alb.ingress.kubernetes.io/target-type": "ip",
    },
    from: {
      namespaces: [],
      cidrs: network.existing?.loadBalancerCidrs ?? [publicRange(network.cidr)],
    },
  },
  networkPolicy: {
    enforced: true,
    // In its standard mode the VPC CNI applies policies one or two seconds after a pod has started
    // (https://github.com/aws/aws-network-policy-agent/issues/345).
    late: true,
    // The VPC CNI inspects packets before kube-proxy translates the Service's address to a pod's.
    dnsCidrs: [`${addressAt(network.serviceCidr, RESOLVER_ADDRESS)}/32`],
    blockedCidrs: [],
  },
  podIdentity: {
    platform: "bedrock",
    // The agent of EKS Pod Identity: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    egress: [{ cidr: "169.254.170.23/32", ports: [80] }],
    podLabels: {},
  },
  secretStore: { limit: "prefix", reader: "operator" },
  metricsApi: true,
  architectures: [architecture(nodes.machineType)],
  registry: AWS_CLI,
  ...(nodes.spot
    ? { scheduling: { nodeSelector: SPOT_LABEL, tolerations: [{ ...SPOT_TAINT, operator: "Equal" }] } }
    : {}),
});
