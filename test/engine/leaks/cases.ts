/** What each cloud can hold of a stack, how it is reported, and what belongs to others although it looks alike. */
import type { Place } from "../../../clusters/operations";
import type { Resource as State } from "../../../operations/engine/state";
import type { Resource } from "../../../stub-clouds/types";

export type Properties = Readonly<Record<string, unknown>>;

export const thing = (token: string, id: string, properties: Properties = {}): Resource => {
  const values = { name: id, ...properties };
  const [plugin = ""] = token.split(":");
  return { plugin, token, id, inputs: values, outputs: values, created: 0, ready: 0, serial: 0 };
};

export interface Case {
  readonly place: Place;
  /** What belongs to the stack, and the report about each. */
  readonly left: readonly {
    readonly is: Resource;
    readonly named: readonly [what: string, id: string, ...remove: string[]];
  }[];
  /** What does not, however similar. */
  readonly others: readonly Resource[];
  /** The cluster itself, in the inventory and in a state. */
  readonly cluster: Resource;
  readonly program: string;
  readonly logIn: string;
}

const ZONE = "https://www.googleapis.com/compute/v1/projects/acme/zones/us-central1-a";
const REGION = "https://www.googleapis.com/compute/v1/projects/acme/regions/us-central1";
const NETWORK = "https://www.googleapis.com/compute/v1/projects/acme/global/networks/ralph-cluster";
const LABELS = { project: "ralph", stack: "pr-1" };
const DESCRIPTION = "project=ralph stack=pr-1";
const gcloud = (words: string): string => `gcloud ${words} --quiet --project=acme`;

export const GKE: Case = {
  place: {
    cloud: "gke",
    stack: "PR-1",
    cluster: "ralph-cluster",
    where: { location: "us-central1-a" },
    provider: { project: "acme" },
  },
  program: "gcloud",
  logIn: "gcloud auth login",
  cluster: thing("gcp:container/cluster:Cluster", "ralph-cluster", {
    location: "us-central1-a",
    resourceLabels: LABELS,
  }),
  left: [
    {
      is: thing("gcp:compute/disk:Disk", "pvc-1", {
        zone: ZONE,
        labels: { "goog-k8s-cluster-name": "ralph-cluster" },
      }),
      named: ["disk", "pvc-1", gcloud("compute disks delete pvc-1 --zone=us-central1-a")],
    },
    {
      is: thing("gcp:filestore/instance:Instance", "projects/acme/locations/us-central1-a/instances/pvc-2", {
        labels: LABELS,
      }),
      named: [
        "Filestore instance",
        "projects/acme/locations/us-central1-a/instances/pvc-2",
        gcloud("filestore instances delete pvc-2 --location=us-central1-a"),
      ],
    },
    {
      is: thing("gcp:compute/firewall:Firewall", "k8s-fw-a1b2", { network: NETWORK }),
      named: [
        "firewall rule",
        "k8s-fw-a1b2",
        gcloud("compute forwarding-rules delete a1b2 --region=us-central1"),
        gcloud("compute target-pools delete a1b2 --region=us-central1"),
        gcloud("compute firewall-rules delete k8s-fw-a1b2"),
      ],
    },
    {
      is: thing("gcp:compute/firewall:Firewall", "k8s2-node-hc", { network: NETWORK }),
      named: ["firewall rule", "k8s2-node-hc", gcloud("compute firewall-rules delete k8s2-node-hc")],
    },
    {
      // A rule of another owner blocks the network as well: it is named, with no command that deletes it.
      is: thing("gcp:compute/firewall:Firewall", "allow-ssh", { network: NETWORK }),
      named: ["firewall rule", "allow-ssh"],
    },
    {
      is: thing("gcp:compute/forwardingRule:ForwardingRule", "k8s2-tcp-internal", {
        network: NETWORK,
        region: REGION,
      }),
      named: [
        "forwarding rule",
        "k8s2-tcp-internal",
        gcloud("compute forwarding-rules delete k8s2-tcp-internal --region=us-central1"),
      ],
    },
    {
      is: thing("gcp:compute/networkEndpointGroup:NetworkEndpointGroup", "k8s1-neg", {
        zone: ZONE,
        network: NETWORK,
      }),
      named: [
        "network endpoint group",
        "k8s1-neg",
        gcloud("compute network-endpoint-groups delete k8s1-neg --zone=us-central1-a"),
      ],
    },
    {
      is: thing("gcp:compute/router:Router", "ralph-cluster", { region: REGION, network: NETWORK }),
      named: [
        "NAT router",
        "ralph-cluster",
        gcloud("compute routers delete ralph-cluster --region=us-central1"),
      ],
    },
    {
      is: thing("gcp:compute/subnetwork:Subnetwork", "ralph-cluster", { region: REGION, network: NETWORK }),
      named: [
        "subnet",
        "ralph-cluster",
        gcloud("compute networks subnets delete ralph-cluster --region=us-central1"),
      ],
    },
    {
      // Google's networks have no labels.
      is: thing("gcp:compute/network:Network", "ralph-cluster", { description: DESCRIPTION }),
      named: ["network", "ralph-cluster", gcloud("compute networks delete ralph-cluster")],
    },
    {
      is: thing(
        "gcp:artifactregistry/repository:Repository",
        "projects/acme/locations/us-central1/repositories/ralph-cluster",
        { labels: LABELS },
      ),
      named: [
        "image repository",
        "projects/acme/locations/us-central1/repositories/ralph-cluster",
        gcloud("artifacts repositories delete ralph-cluster --location=us-central1"),
      ],
    },
    {
      is: thing("gcp:serviceaccount/account:Account", "projects/acme/serviceAccounts/nodes@acme", {
        email: "nodes@acme",
        displayName: "Nodes of the GKE cluster ralph-cluster",
        description: DESCRIPTION,
      }),
      named: ["service account", "nodes@acme", gcloud("iam service-accounts delete nodes@acme")],
    },
  ],
  others: [
    thing("gcp:compute/disk:Disk", "pvc-9", {
      zone: ZONE,
      labels: { "goog-k8s-cluster-name": "ralph-cluster-2" },
    }),
    thing("gcp:filestore/instance:Instance", "projects/acme/locations/us-central1-a/instances/pvc-8", {
      labels: { ...LABELS, stack: "pr-2" },
    }),
    thing("gcp:compute/firewall:Firewall", "k8s-fw-c3d4", { network: `${NETWORK}-2` }),
    // In a network that exists already: another owner's router, and what a load balancer has.
    thing("gcp:compute/router:Router", "routers/1", {
      name: "ralph-cluster",
      region: REGION,
      network: NETWORK.replace("ralph-cluster", "shared"),
    }),
    thing("gcp:compute/firewall:Firewall", "k8s-fw-e5f6", {
      network: NETWORK.replace("ralph-cluster", "shared"),
    }),
    thing("gcp:compute/network:Network", "ralph-cluster-2"),
    thing("gcp:compute/network:Network", "dev-ralph-cluster"),
  ],
};

export const TAGS = { project: "ralph", stack: "pr-1" };
export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:us-west-2:123456789012:${resource}`;
export const aws = (words: string): string => `aws ${words} --region us-west-2`;
export const tagged = (token: string, id: string, tags: Properties = TAGS): Resource =>
  thing(token, id, { tags, arn: arn("any", "any") });

export const EKS: Case = {
  place: {
    cloud: "eks",
    stack: "pr-1",
    cluster: "ralph-cluster",
    where: {},
    provider: { region: "us-west-2" },
  },
  program: "aws",
  logIn: "aws sso login, or credentials in the environment",
  cluster: thing("aws:eks/cluster:Cluster", "ralph-cluster", {
    arn: arn("eks", "cluster/ralph-cluster"),
    tags: TAGS,
  }),
  left: [
    {
      is: tagged("aws:ebs/volume:Volume", "vol-1"),
      named: ["disk", arn("ec2", "volume/vol-1"), aws("ec2 delete-volume --volume-id vol-1")],
    },
    {
      is: tagged("aws:efs/fileSystem:FileSystem", "fs-1"),
      named: [
        "file system",
        arn("elasticfilesystem", "file-system/fs-1"),
        `${aws("efs describe-mount-targets --file-system-id fs-1 --query 'MountTargets[].[MountTargetId]' --output text")} | xargs -r -n 1 ${aws("efs delete-mount-target")} --mount-target-id`,
        "sleep 60",
        aws("efs delete-file-system --file-system-id fs-1"),
      ],
    },
    {
      is: tagged("aws:ec2/eip:Eip", "eipalloc-1"),
      named: [
        "address",
        arn("ec2", "elastic-ip/eipalloc-1"),
        aws("ec2 release-address --allocation-id eipalloc-1"),
      ],
    },
    {
      is: tagged("aws:ec2/vpc:Vpc", "vpc-1"),
      named: ["network", arn("ec2", "vpc/vpc-1"), aws("ec2 delete-vpc --vpc-id vpc-1")],
    },
    {
      is: tagged("aws:ecr/repository:Repository", "ralph-cluster"),
      named: [
        "image repository",
        arn("ecr", "repository/ralph-cluster"),
        aws("ecr delete-repository --repository-name ralph-cluster --force"),
      ],
    },
    {
      is: tagged("aws:lb/loadBalancer:LoadBalancer", "k8s-1/50dc", {
        "kubernetes.io/cluster/ralph-cluster": "owned",
      }),
      named: [
        "load balancer",
        arn("elasticloadbalancing", "loadbalancer/net/k8s-1/50dc"),
        ...[
          "delete-load-balancer --load-balancer-arn",
          "wait load-balancers-deleted --load-balancer-arns",
        ].map((words) => aws(`elbv2 ${words} ${arn("elasticloadbalancing", "loadbalancer/net/k8s-1/50dc")}`)),
      ],
    },
    {
      is: tagged("aws:ec2/securityGroup:SecurityGroup", "sg-1", {
        "kubernetes.io/cluster/ralph-cluster": "owned",
      }),
      named: [
        "security group",
        arn("ec2", "security-group/sg-1"),
        aws("ec2 delete-security-group --group-id sg-1"),
      ],
    },
    {
      is: tagged("aws:ec2/networkInterface:NetworkInterface", "eni-1", {
        "cluster.k8s.amazonaws.com/name": "ralph-cluster",
      }),
      named: ["network interface", "eni-1", aws("ec2 delete-network-interface --network-interface-id eni-1")],
    },
    {
      // Recreated by a late line: it has no tags.
      is: tagged("aws:cloudwatch/logGroup:LogGroup", "/aws/eks/ralph-cluster/cluster", {}),
      named: [
        "log group",
        arn("logs", "log-group:/aws/eks/ralph-cluster/cluster"),
        aws("logs delete-log-group --log-group-name /aws/eks/ralph-cluster/cluster"),
      ],
    },
    {
      is: tagged("aws:iam/role:Role", "cluster-nodes-12ab34c"),
      named: [
        "role",
        "cluster-nodes-12ab34c",
        `${aws("iam list-attached-role-policies --role-name cluster-nodes-12ab34c --query 'AttachedPolicies[].[PolicyArn]' --output text")} | xargs -r -n 1 ${aws("iam detach-role-policy --role-name cluster-nodes-12ab34c")} --policy-arn`,
        `${aws("iam list-role-policies --role-name cluster-nodes-12ab34c --query 'PolicyNames[].[@]' --output text")} | xargs -r -n 1 ${aws("iam delete-role-policy --role-name cluster-nodes-12ab34c")} --policy-name`,
        aws("iam delete-role --role-name cluster-nodes-12ab34c"),
      ],
    },
  ],
  others: [
    tagged("aws:ebs/volume:Volume", "vol-9", { ...TAGS, stack: "pr-2" }),
    tagged("aws:ec2/vpc:Vpc", "vpc-9", { project: "other", stack: "pr-1" }),
    tagged("aws:iam/role:Role", "cluster-nodes-98cd76e", { ...TAGS, stack: "pr-2" }),
    tagged("aws:iam/role:Role", "cluster-of-somebody", {}),
    tagged("aws:cloudwatch/logGroup:LogGroup", "/aws/eks/ralph/cluster", {}),
  ],
};

export const GROUPS = "/subscriptions/s/resourceGroups";
/** What AKS creates in the group of the nodes, with the stack's tags: its fate is the group's. */
export const ofNodes = (kind: string): Resource =>
  thing(`azure-native:any:${kind}`, `${GROUPS}/mc_ralph/providers/Microsoft.Any/${kind}/kubernetes`, {
    name: "MC_kubernetes",
    tags: TAGS,
  });

export const AKS: Case = {
  place: {
    cloud: "aks",
    stack: "pr-1",
    cluster: "ralph-cluster",
    where: { resourceGroup: "ralph-rg" },
    provider: { subscriptionId: "s" },
  },
  program: "az",
  logIn: "az login",
  cluster: thing(
    "azure-native:containerservice:ManagedCluster",
    `${GROUPS}/ralph-rg/providers/Microsoft.ContainerService/managedClusters/ralph-cluster`,
    { name: "ralph-cluster", tags: TAGS },
  ),
  left: [
    {
      is: thing("azure-native:resources:ResourceGroup", `${GROUPS}/ralph-rg`, {
        name: "ralph-rg",
        tags: TAGS,
      }),
      named: [
        "resource group",
        `${GROUPS}/ralph-rg`,
        "az group delete --name ralph-rg --yes --subscription s",
      ],
    },
    {
      is: thing("azure-native:resources:ResourceGroup", `${GROUPS}/MC_ralph`, {
        name: "MC_ralph",
        // AKS copies the cluster's tags to the group.
        tags: { ...TAGS, "aks-managed-cluster-name": "ralph-cluster", "aks-managed-cluster-rg": "Ralph-RG" },
      }),
      named: [
        "resource group",
        `${GROUPS}/MC_ralph`,
        "az group delete --name MC_ralph --yes --subscription s",
      ],
    },
    {
      is: thing("azure-native:containerregistry:Registry", `${GROUPS}/shared/registries/ralph`, {
        tags: TAGS,
      }),
      named: [
        "resource",
        `${GROUPS}/shared/registries/ralph`,
        `az resource delete --ids ${GROUPS}/shared/registries/ralph --subscription s`,
      ],
    },
  ],
  others: [
    thing("azure-native:resources:ResourceGroup", `${GROUPS}/other`, { tags: { ...TAGS, stack: "pr-2" } }),
    thing("azure-native:resources:ResourceGroup", `${GROUPS}/MC_other`, {
      tags: { "aks-managed-cluster-name": "ralph-cluster", "aks-managed-cluster-rg": "other" },
    }),
    thing("azure-native:containerregistry:Registry", `${GROUPS}/other/registries/ralph`, {
      tags: { project: "other", stack: "pr-1" },
    }),
  ],
};

/** What has no tags of its own, and is a part of the cluster: proven to be the stack's by what its state had. */
export const had = ({ cluster }: Case): State[] => [stateOf(cluster)];
export const stateOf = ({ id, token, outputs }: Resource): State => ({
  urn: id,
  type: token,
  custom: true,
  id,
  outputs,
});
