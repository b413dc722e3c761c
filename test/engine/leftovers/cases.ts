/** What a destroyed stack of each cloud may leave behind, and how a neighbour with almost the same names is spelled. */
import type { Place } from "../../../clusters/operations";
import type { PluginName, Resource, Values } from "../../../stub-clouds/types";

export interface Case {
  readonly place: Place;
  readonly plugin: PluginName;
  /** What controllers in the cluster create, given what the stack has. */
  readonly controllers: (stack: readonly Resource[]) => readonly Resource[];
  /** Spellings of the stack, and those of its neighbour. */
  readonly neighbour: readonly (readonly [RegExp, string])[];
  /** What is no thing of its own, or never deleted: project services, bindings, and locks, which `up` takes off first. */
  readonly ignored: RegExp;
  /** What a command may say if an earlier one has deleted its target already, or if the target never existed. */
  readonly idle: RegExp;
}

export const thing = (token: string, id: string, values: Values): Resource => {
  const [plugin = ""] = token.split(":");
  return { plugin, token, id, inputs: values, outputs: values, created: 0, ready: 0, serial: 0 };
};

const EKS_TAGS = { project: "ralph", stack: "release-eks" };
const BALANCER_TAGS = { "kubernetes.io/cluster/ralph-cluster": "owned" };
const NEVER = /(?!)/;

export const CASES: readonly Case[] = [
  {
    plugin: "aws",
    place: {
      cloud: "eks",
      stack: "release-eks",
      cluster: "ralph-cluster",
      where: {},
      provider: { region: "us-west-2" },
    },
    neighbour: [
      [/release-eks/g, "release-eks-2"],
      [/ralph-cluster/g, "ralph-cluster-2"],
      [/\b([a-z]+)-0([0-9a-f]{15,16})/g, "$1-f$2"],
      [/\b(i|vol|snap|fsap|eni)-(\d)\b/g, "$1-9$2"],
      [/balancer-1/g, "balancer-2"],
      [/-([0-9a-f])([0-9a-f]{6})(?![0-9a-f])/g, "-$2$1"],
    ],
    ignored: NEVER,
    idle: NEVER,
    controllers: (stack) => {
      const first = (type: string) => stack.find(({ token }) => token.endsWith(`:${type}`))?.id ?? "";
      const arn = "arn:aws:any:us-west-2:123456789012:any";
      const made = (token: string, id: string, values: Values) =>
        thing(token, id, { arn, tags: EKS_TAGS, ...values });
      const subnet = first("Subnet");
      const group = made("aws:ec2/securityGroup:SecurityGroup", "sg-balancer-1", {
        vpcId: first("Vpc"),
        tags: BALANCER_TAGS,
      });
      return [
        group,
        made("aws:ec2/instance:Instance", "i-1", { subnetId: subnet, vpcSecurityGroupIds: [group.id] }),
        made("aws:ebs/volume:Volume", "vol-1", { instanceId: "i-1" }),
        made("aws:ebs/volume:Volume", "vol-2", {}),
        made("aws:ebs/snapshot:Snapshot", "snap-1", {}),
        made("aws:efs/accessPoint:AccessPoint", "fsap-1", { fileSystemId: first("FileSystem") }),
        made("aws:ec2/networkInterface:NetworkInterface", "eni-1", {
          subnetId: subnet,
          tags: { "cluster.k8s.amazonaws.com/name": "ralph-cluster" },
        }),
        made("aws:lb/loadBalancer:LoadBalancer", "balancer-1/50dc", {
          subnets: [subnet],
          securityGroups: [group.id],
          tags: BALANCER_TAGS,
        }),
        made("aws:lb/targetGroup:TargetGroup", "balancer-1/73e2", {
          tags: { "elbv2.k8s.aws/cluster": "ralph-cluster" },
        }),
      ];
    },
  },
  {
    plugin: "gcp",
    place: {
      cloud: "gke",
      stack: "release-gke",
      cluster: "ralph-cluster",
      where: { location: "us-central1-a" },
      provider: { project: "acme-agents" },
    },
    neighbour: [
      [/release-gke/g, "release-gke-2"],
      [/ralph-cluster/g, "ralph-cluster-2"],
      [/(pvc|neg|internal)-1\b/g, "$1-9"],
      [/((?:1b){15})2/g, "$13"],
    ],
    ignored: /^gcp:projects\//,
    // The load balancer of a firewall rule may be deleted already.
    idle: /(target-pools|forwarding-rules)\.delete\) The resource '[^']+' was not found/,
    controllers: (stack) => {
      const network = stack.find(({ token }) => token === "gcp:compute/network:Network")?.outputs
        .selfLink as string;
      const zone = "https://www.googleapis.com/compute/v1/projects/acme-agents/zones/us-central1-a";
      const region = "https://www.googleapis.com/compute/v1/projects/acme-agents/regions/us-central1";
      const labels = { project: "ralph", stack: "release-gke" };
      const balancer = `a${"1b".repeat(15)}2`;
      const projects = "projects/acme-agents";
      return [
        thing("gcp:compute/disk:Disk", "pvc-1", {
          zone,
          labels: { "goog-k8s-cluster-name": "ralph-cluster" },
        }),
        thing("gcp:filestore/instance:Instance", `${projects}/locations/us-central1-a/instances/pvc-1`, {
          labels,
        }),
        thing("gcp:compute/firewall:Firewall", `k8s-fw-${balancer}`, { network }),
        thing("gcp:compute/forwardingRule:ForwardingRule", balancer, { region, target: balancer }),
        thing("gcp:compute/targetPool:TargetPool", balancer, { region }),
        thing("gcp:compute/forwardingRule:ForwardingRule", "k8s2-tcp-internal-1", { region, network }),
        thing("gcp:compute/networkEndpointGroup:NetworkEndpointGroup", "k8s1-neg-1", { zone, network }),
      ];
    },
  },
  {
    plugin: "azure-native",
    place: {
      cloud: "aks",
      stack: "release-aks",
      cluster: "ralph-cluster",
      where: { resourceGroup: "ralph-rg" },
      provider: { subscriptionId: "00000000-0000-0000-0000-000000000001" },
    },
    neighbour: [
      [/release-aks/g, "release-aks-2"],
      [/ralph-rg/g, "ralph-rg-2"],
      [/ralph-cluster/g, "ralph-cluster-2"],
      [/ralphcluster/g, "ralphcluster2"],
      [/-([0-9a-f])([0-9a-f]{6})(?![0-9a-f-])/g, "-$2$1"],
    ],
    ignored: /ManagementLockByScope$/,
    idle: NEVER,
    controllers: () => {
      const groups = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups";
      const group = "MC_ralph-rg_ralph-cluster_eastus";
      const tags = { project: "ralph", stack: "release-aks" };
      return [
        thing("azure-native:resources:ResourceGroup", `${groups}/${group}`, {
          name: group,
          resourceGroupName: group,
          tags: {
            ...tags,
            "aks-managed-cluster-name": "ralph-cluster",
            "aks-managed-cluster-rg": "ralph-rg",
          },
        }),
        thing("azure-native:compute:Disk", `${groups}/${group}/providers/Microsoft.Compute/disks/pvc-1`, {
          name: "pvc-1",
          resourceGroupName: group,
          tags: {},
        }),
      ];
    },
  },
];
