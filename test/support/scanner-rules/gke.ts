import { TYPE } from "../gke";
import { isPrivate } from "../../../clusters/cidr";
import type { Exemption, ScannerRule } from "./types";

const RANGES = { api: { cidrs: ["203.0.113.0/24"] } };

/** Basic roles, and those that act as another account; a node must have none of them. */
const TOO_MUCH = /^roles\/(owner|editor|viewer|iam\.(serviceAccount|workloadIdentity).*)$|[aA]dmin$/;

const BY_NAME: Exemption = {
  why: "The committed stack uses the DNS endpoint, which has no ranges.",
  instead: "The API server has no public address; IAM authorizes callers before it does.",
  keptBy: RANGES,
};

export const GKE: readonly ScannerRule[] = [
  {
    ids: ["CKV_GCP_1", "AVD-GCP-0060"],
    asks: "Cloud Logging is on",
    of: TYPE.cluster,
    holds: ({ loggingService, loggingConfig }) =>
      loggingService !== "none" && loggingConfig.enableComponents.length > 0,
    turned: { loggingConfig: { enableComponents: [] } },
  },
  {
    ids: ["CKV_GCP_7", "AVD-GCP-0062"],
    asks: "no legacy authorization by attributes",
    of: TYPE.cluster,
    holds: ({ enableLegacyAbac }) => enableLegacyAbac !== true,
    turned: { enableLegacyAbac: true },
  },
  {
    ids: ["CKV_GCP_8", "AVD-GCP-0052"],
    asks: "Cloud Monitoring is on",
    of: TYPE.cluster,
    holds: ({ monitoringService, monitoringConfig }) =>
      monitoringService !== "none" && monitoringConfig.enableComponents.length > 0,
    turned: { monitoringService: "none" },
  },
  {
    ids: ["CKV_GCP_9", "AVD-GCP-0063"],
    asks: "nodes are repaired",
    of: TYPE.pool,
    holds: ({ management }) => management.autoRepair === true,
    turned: { management: { autoRepair: false } },
  },
  {
    ids: ["CKV_GCP_10", "AVD-GCP-0058"],
    asks: "nodes are upgraded",
    of: TYPE.pool,
    holds: ({ management }) => management.autoUpgrade === true,
    turned: { management: { autoUpgrade: false } },
  },
  {
    ids: ["CKV_GCP_12"],
    asks: "the add-on for network policies is on, or off beside Dataplane V2",
    of: TYPE.cluster,
    holds: ({ networkPolicy, datapathProvider }) =>
      networkPolicy !== undefined && (networkPolicy.enabled || datapathProvider === "ADVANCED_DATAPATH"),
    turned: { networkPolicy: { enabled: false } },
    exempt: {
      why: "checkov recognizes Dataplane V2 only beside the switch of the add-on that it replaces.",
      instead: "Dataplane V2 enforces policies itself (AVD-GCP-0056).",
    },
  },
  {
    ids: ["AVD-GCP-0056"],
    asks: "network policies are enforced",
    of: TYPE.cluster,
    holds: ({ datapathProvider }) => datapathProvider === "ADVANCED_DATAPATH",
    turned: { datapathProvider: "LEGACY_DATAPATH" },
  },
  {
    ids: ["CKV_GCP_13", "AVD-GCP-0064"],
    asks: "no client certificate is handed out",
    of: TYPE.cluster,
    holds: ({ masterAuth }) => masterAuth.clientCertificateConfig.issueClientCertificate === false,
    turned: { masterAuth: { clientCertificateConfig: { issueClientCertificate: true } } },
  },
  {
    ids: ["CKV_GCP_18"],
    asks: "not every address may reach the control plane",
    of: TYPE.cluster,
    holds: ({ masterAuthorizedNetworksConfig: networks, controlPlaneEndpointsConfig: endpoints }) =>
      endpoints.ipEndpointsConfig.enabled === false ||
      networks.cidrBlocks.every(({ cidrBlock }: { cidrBlock: string }) => cidrBlock !== "0.0.0.0/0"),
    turned: {
      controlPlaneEndpointsConfig: { ipEndpointsConfig: { enabled: true } },
      masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: "0.0.0.0/0" }] },
    },
  },
  {
    ids: ["AVD-GCP-0053"],
    asks: "no address of the internet is in a range that may reach it",
    of: TYPE.cluster,
    holds: ({ masterAuthorizedNetworksConfig }) =>
      (masterAuthorizedNetworksConfig?.cidrBlocks ?? []).every(({ cidrBlock }: { cidrBlock: string }) =>
        isPrivate(cidrBlock),
      ),
    turned: { masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }] } },
  },
  {
    ids: ["CKV_GCP_20", "AVD-GCP-0061"],
    asks: "only named ranges may reach the control plane",
    of: TYPE.cluster,
    holds: ({ masterAuthorizedNetworksConfig }) => masterAuthorizedNetworksConfig !== undefined,
    turned: { masterAuthorizedNetworksConfig: { cidrBlocks: [] } },
    exempt: BY_NAME,
  },
  {
    ids: ["CKV_GCP_21", "AVD-GCP-0051"],
    asks: "the cluster has labels",
    of: TYPE.cluster,
    holds: ({ resourceLabels }) => Object.keys(resourceLabels ?? {}).length > 0,
    turned: { resourceLabels: null },
  },
  {
    ids: ["CKV_GCP_22", "AVD-GCP-0054"],
    asks: "nodes run Container-Optimized OS",
    of: TYPE.pool,
    holds: ({ nodeConfig }) => nodeConfig.imageType === "COS_CONTAINERD",
    turned: { nodeConfig: { imageType: "UBUNTU_CONTAINERD" } },
  },
  {
    ids: ["CKV_GCP_23", "AVD-GCP-0049"],
    asks: "pods have addresses of the VPC",
    of: TYPE.cluster,
    holds: ({ ipAllocationPolicy }) => ipAllocationPolicy !== undefined,
    turned: { ipAllocationPolicy: null },
  },
  {
    ids: ["CKV_GCP_25", "CKV_GCP_64", "AVD-GCP-0059"],
    asks: "the cluster is private, and so are its nodes",
    of: TYPE.cluster,
    holds: ({ privateClusterConfig }) => privateClusterConfig?.enablePrivateNodes === true,
    turned: { privateClusterConfig: { enablePrivateNodes: false } },
  },
  {
    ids: ["CKV_GCP_61"],
    asks: "traffic within a node is seen by the VPC",
    of: TYPE.cluster,
    holds: ({ enableIntranodeVisibility }) => enableIntranodeVisibility === true,
    turned: { enableIntranodeVisibility: true },
    exempt: {
      why: "It shows nothing without flow logs, and routes every packet between two pods of a node through the VPC.",
      instead: "Dataplane V2 also enforces the network policy between pods of one node.",
    },
  },
  {
    ids: ["CKV_GCP_65"],
    asks: "people are administered as Google Groups",
    of: TYPE.cluster,
    holds: ({ authenticatorGroupsConfig }) => authenticatorGroupsConfig !== undefined,
    turned: { authenticatorGroupsConfig: { securityGroup: "gke-security-groups@example.com" } },
    exempt: {
      why: "The group belongs to a Workspace domain, which not every project has.",
      instead: "IAM alone authorizes users; no RBAC binding for a person is created.",
    },
  },
  {
    ids: ["CKV_GCP_66"],
    asks: "only images that a policy admits run",
    of: TYPE.cluster,
    holds: ({ binaryAuthorization }) =>
      binaryAuthorization?.evaluationMode === "PROJECT_SINGLETON_POLICY_ENFORCE",
    turned: { binaryAuthorization: { evaluationMode: "PROJECT_SINGLETON_POLICY_ENFORCE" } },
    exempt: {
      why: "The policy belongs to the project, and admits everything until it is configured.",
      instead: "The built image is deployed by its digest.",
    },
  },
  {
    ids: ["CKV_GCP_68"],
    asks: "nodes boot what is signed",
    of: TYPE.pool,
    holds: ({ nodeConfig }) => nodeConfig.shieldedInstanceConfig?.enableSecureBoot === true,
    turned: { nodeConfig: { shieldedInstanceConfig: { enableSecureBoot: false } } },
  },
  {
    ids: ["CKV_GCP_69", "AVD-GCP-0057"],
    asks: "pods do not reach the nodes' credentials",
    of: TYPE.pool,
    holds: ({ nodeConfig }) => nodeConfig.workloadMetadataConfig?.mode === "GKE_METADATA",
    turned: { nodeConfig: { workloadMetadataConfig: { mode: "GCE_METADATA" } } },
  },
  {
    ids: ["AVD-GCP-0048"],
    asks: "no legacy metadata endpoint",
    of: TYPE.pool,
    holds: ({ nodeConfig }) => nodeConfig.metadata?.["disable-legacy-endpoints"] === "true",
    turned: { nodeConfig: { metadata: { "disable-legacy-endpoints": "false" } } },
  },
  {
    ids: ["AVD-GCP-0050", "CKV2_GCP_1"],
    asks: "nodes have an account of their own",
    of: TYPE.pool,
    holds: ({ nodeConfig }) => (nodeConfig.serviceAccount ?? "default") !== "default",
    turned: { nodeConfig: { serviceAccount: null } },
  },
  {
    ids: ["CKV_GCP_70"],
    asks: "a release channel upgrades the cluster",
    of: TYPE.cluster,
    holds: ({ releaseChannel }) => (releaseChannel?.channel ?? "UNSPECIFIED") !== "UNSPECIFIED",
    turned: { releaseChannel: { channel: "UNSPECIFIED" } },
  },
  {
    ids: ["CKV_GCP_71", "AVD-GCP-0055"],
    asks: "nodes are shielded",
    of: TYPE.cluster,
    holds: ({ enableShieldedNodes }) => enableShieldedNodes === true,
    turned: { enableShieldedNodes: false },
  },
  {
    ids: ["CKV_GCP_72"],
    asks: "the integrity of nodes is watched",
    of: TYPE.pool,
    holds: ({ nodeConfig }) => nodeConfig.shieldedInstanceConfig?.enableIntegrityMonitoring === true,
    turned: { nodeConfig: { shieldedInstanceConfig: { enableIntegrityMonitoring: false } } },
  },
  {
    ids: ["CKV_GCP_123"],
    asks: "node pools are resources of their own",
    of: TYPE.cluster,
    holds: ({ nodePools, removeDefaultNodePool }) =>
      nodePools === undefined && removeDefaultNodePool === true,
    turned: { removeDefaultNodePool: false },
  },
  {
    ids: ["CKV2_GCP_19"],
    asks: "no alpha features",
    of: TYPE.cluster,
    holds: ({ enableKubernetesAlpha }) => enableKubernetesAlpha !== true,
    turned: { enableKubernetesAlpha: true },
  },
  {
    ids: ["CKV_GCP_26", "AVD-GCP-0029"],
    asks: "the subnet has flow logs",
    of: TYPE.subnet,
    holds: ({ logConfig }) => logConfig !== undefined,
    turned: { logConfig: { flowSampling: 0.5 } },
    exempt: {
      why: "They are billed per GiB and show only addresses.",
      instead: "The network policy blocks everything but DNS and HTTPS; Cloud NAT logs what it drops.",
    },
  },
  {
    ids: ["CKV_GCP_74"],
    asks: "nodes reach Google's APIs without the internet",
    of: TYPE.subnet,
    holds: ({ privateIpGoogleAccess }) => privateIpGoogleAccess === true,
    turned: { privateIpGoogleAccess: false },
  },
  {
    ids: ["CKV_GCP_84"],
    asks: "the registry has a key of yours",
    of: TYPE.registry,
    holds: ({ kmsKeyName }) => kmsKeyName !== undefined,
    turned: { kmsKeyName: "projects/p/locations/l/keyRings/r/cryptoKeys/k" },
    exempt: {
      why: "Images are built from a public repository and contain no secret.",
      instead: "Google encrypts them at rest with its own keys.",
    },
  },
  {
    ids: ["CKV_GCP_41", "CKV_GCP_42", "CKV_GCP_49", "CKV_GCP_117", "AVD-GCP-0007", "AVD-GCP-0011"],
    asks: "the nodes' account has no basic role, no administrator's, and acts as no other account",
    of: TYPE.iam,
    holds: ({ role }) => !TOO_MUCH.test(role as string),
    turned: { role: "roles/editor" },
  },
  {
    ids: ["CKV_GCP_46", "AVD-GCP-0006"],
    asks: "no role for a default account",
    of: TYPE.iam,
    holds: ({ member }) =>
      !/-compute@developer\.gserviceaccount|@appspot\.gserviceaccount/.test(member as string),
    turned: { member: "serviceAccount:1-compute@developer.gserviceaccount.com" },
  },
];
