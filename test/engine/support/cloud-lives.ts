import { AKS, type CloudStack, EKS, GKE } from "./cloud-stacks";
import type { Values } from "./stack";

/** Types have no package and module; a resource is `<Type> <logical name>`. */
interface Life extends CloudStack {
  /** Models without a key, on the platform of the same cloud. */
  readonly models: Values;
  /** Number of resources by type once the stack is up. */
  readonly inventory: Readonly<Record<string, number>>;
  /** The label that the cloud gives to all nodes. */
  readonly nodeLabel?: string;
  /** Claims with their storage class and phase. */
  readonly claims: readonly string[];
  /** An edit of `ralph:cluster`, the commands to run, what they update, and what the cloud then has. */
  readonly edit: {
    readonly cluster: Values;
    readonly by: readonly ("preview" | "up")[];
    readonly updates: readonly string[];
    readonly has: Readonly<Record<string, Values>>;
    /** What only a preview updates, because it depends on outputs of the cluster that are unknown until then. */
    readonly planned?: readonly string[];
  };
  /** An edit that adds resources, and the types that are replaced nevertheless. */
  readonly growth?: { readonly cluster: Values; readonly replaces: readonly string[] };
  /** An edit that replaces the cluster. */
  readonly replacement?: Values;
  /** Types that are deleted only after every Kubernetes object. */
  readonly foundation: readonly string[];
  /** In each line, each resource is deleted before the next. */
  readonly order: readonly (readonly string[])[];
}

const FOUNDRY =
  "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ai/providers/Microsoft.CognitiveServices/accounts/acme";
const SPOT = "kubernetes.azure.com/scalesetpriority";

/** Expectations of `cloud-life.test.ts` for each cloud's committed stack. */
export const LIVES: readonly Life[] = [
  {
    ...GKE,
    models: { claude: { via: "vertex", project: "acme-models", model: "claude-sonnet-4-5@20250929" } },
    inventory: {
      Account: 1,
      Cluster: 1,
      IAMMember: 2,
      Image: 1,
      Network: 1,
      NodePool: 1,
      Repository: 1,
      RepositoryIamMember: 1,
      Router: 1,
      RouterNat: 1,
      Service: 7,
      Subnetwork: 1,
    },
    claims: ["ralph-cache ralph-filestore Bound", "ralph-workspace standard-rwo Bound"],
    edit: {
      cluster: {
        nodes: { count: 4, min: 4, max: 12, diskGb: 120 },
        version: "1.35",
        tags: { owner: "team-a" },
      },
      by: ["up"],
      updates: ["Cluster cluster-gke", "NodePool cluster-nodes", "Repository cluster-registry"],
      has: {
        Cluster: { minMasterVersion: "1.35" },
        NodePool: { "autoscaling.totalMaxNodeCount": 12, "nodeConfig.diskSizeGb": 120 },
      },
    },
    foundation: ["NodePool", "Cluster", "RouterNat", "IAMMember", "RepositoryIamMember"],
    order: [
      [
        "NodePool cluster-nodes",
        "Cluster cluster-gke",
        "Subnetwork cluster-subnet",
        "Network cluster-network",
      ],
    ],
  },
  {
    ...EKS,
    models: { claude: { via: "bedrock", region: "us-west-2", model: "us.anthropic.claude-sonnet-4-5-v1:0" } },
    // The second one creates the cluster here: EKS itself makes it an administrator.
    cluster: {
      admins: ["arn:aws:iam::123456789012:role/deployers", "arn:aws:iam::123456789012:user/stub"],
    },
    inventory: {
      AccessEntry: 1,
      AccessPolicyAssociation: 1,
      Addon: 7,
      Cluster: 1,
      Eip: 1,
      FileSystem: 1,
      Image: 1,
      InternetGateway: 1,
      LaunchTemplate: 1,
      LogGroup: 1,
      MountTarget: 2,
      NatGateway: 1,
      NodeGroup: 2,
      PodIdentityAssociation: 2,
      Repository: 1,
      Role: 7,
      RolePolicy: 2,
      RolePolicyAttachment: 6,
      Route: 3,
      RouteTable: 3,
      RouteTableAssociation: 4,
      SecurityGroup: 1,
      SecurityGroupIngressRule: 1,
      Subnet: 4,
      Vpc: 1,
      VpcEndpoint: 1,
    },
    claims: ["ralph-cache efs Bound", "ralph-workspace gp3 Bound"],
    edit: {
      cluster: { nodes: { max: 12, diskGb: 120 }, version: "1.35", logs: { retentionDays: 90 } },
      by: ["up"],
      updates: [
        "Addon cluster-aws-ebs-csi-driver",
        "Addon cluster-aws-efs-csi-driver",
        "Addon cluster-coredns",
        "Addon cluster-eks-pod-identity-agent",
        "Addon cluster-kube-proxy",
        "Addon cluster-metrics-server",
        "Addon cluster-vpc-cni",
        "Cluster cluster", // the component's own inputs
        "Cluster cluster-eksCluster",
        // Its version follows the cluster's.
        "Deployment cluster-autoscaler",
        "LaunchTemplate cluster-nodes",
        "LogGroup cluster",
        "NodeGroup cluster-nodes-a",
        "NodeGroup cluster-nodes-b",
      ],
      has: {
        NodeGroup: { version: "1.35" },
        LogGroup: { retentionInDays: 90 },
      },
    },
    growth: {
      cluster: { zones: ["us-west-2a", "us-west-2b", "us-west-2c"], network: { natPerZone: true } },
      replaces: [],
    },
    foundation: ["Addon", "NodeGroup", "MountTarget", "AccessPolicyAssociation"],
    order: [
      ["Addon cluster-aws-ebs-csi-driver", "NodeGroup cluster-nodes-a"],
      ["Addon cluster-aws-efs-csi-driver", "NodeGroup cluster-nodes-b"],
      ["Addon cluster-coredns", "NodeGroup cluster-nodes-a"],
      ["NodeGroup cluster-nodes-a", "Addon cluster-vpc-cni", "Cluster cluster-eksCluster"],
      ["NodeGroup cluster-nodes-b", "RolePolicyAttachment cluster-vpc-cni-AmazonEKS_CNI_Policy"],
      ["NodeGroup cluster-nodes-a", "Route cluster-private-a"],
      ["AccessPolicyAssociation cluster-admin-123456789012-role-deployers", "Cluster cluster-eksCluster"],
      ["SecurityGroupIngressRule cluster-efs", "Cluster cluster-eksCluster"],
      ["Cluster cluster-eksCluster", "LogGroup cluster"],
      ["Cluster cluster-eksCluster", "Subnet cluster-private-a", "Vpc cluster"],
      ["NatGateway cluster-a", "InternetGateway cluster"],
    ],
  },
  {
    ...AKS,
    models: { claude: { via: "foundry", resourceId: FOUNDRY, model: "claude-sonnet" } },
    cluster: { ...AKS.cluster, nodes: { spot: true } },
    inventory: {
      AgentPool: 1,
      DiagnosticSetting: 1,
      FederatedIdentityCredential: 1,
      Image: 1,
      MaintenanceConfiguration: 2,
      ManagedCluster: 1,
      ManagementLockByScope: 1,
      Registry: 1,
      ResourceGroup: 1,
      RoleAssignment: 6,
      Subnet: 1,
      UserAssignedIdentity: 3,
      VirtualNetwork: 1,
      Workspace: 1,
    },
    nodeLabel: `${SPOT}=spot`,
    claims: ["ralph-cache ralph-azurefile-nfs Bound", "ralph-workspace managed-csi Bound"],
    edit: {
      cluster: {
        nodes: { spot: true, count: 4, min: 4, max: 12 },
        version: "1.35",
        tags: { owner: "team-a" },
      },
      // The identities keep their first tags: an update would hide their ids from the preview.
      by: ["preview", "up"],
      updates: [
        "AgentPool cluster-spot",
        "ManagedCluster cluster",
        "Registry cluster-registry",
        "ResourceGroup cluster",
        "VirtualNetwork cluster",
        "Workspace cluster-logs",
      ],
      planned: ["FederatedIdentityCredential cluster-models"],
      has: { AgentPool: { maxCount: 12 }, ManagedCluster: { kubernetesVersion: "1.35" } },
    },
    replacement: { system: { machineType: "Standard_D4s_v5" } },
    foundation: ["AgentPool", "ManagedCluster", "RoleAssignment"],
    order: [
      [
        "AgentPool cluster-spot",
        "ManagedCluster cluster",
        "RoleAssignment cluster-network",
        "Subnet cluster-nodes",
        "ResourceGroup cluster",
      ],
      ["ManagedCluster cluster", "RoleAssignment cluster-acr-pull"],
      ["ManagedCluster cluster", "UserAssignedIdentity cluster-kubelet"],
    ],
  },
];
