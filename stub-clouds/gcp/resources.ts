import type { Row, Rule, Token, Values } from "../types";
import { withApis } from "./apis";
import { clusterRefusals, ROBOT } from "./cluster-rules";
import { poolRefusals } from "./pool-rules";
import { subnetRefusals } from "./subnet-rules";
import {
  ACCOUNT,
  CLUSTER,
  ENDPOINTS,
  FIREWALL,
  KEY_ACCESS,
  NAT,
  NETWORK,
  NODE_POOL,
  ROUTER,
  SUBNETWORK,
  SERVICE,
} from "./tokens";

/** Format of every resource name in Compute Engine. */
const NAME = { pattern: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/ };
const CIDR = { pattern: /^\d+\.\d+\.\d+\.\d+\/\d+$/ };
const DEFAULT = { except: /^default$/ };
const CLUSTER_NAME = { pattern: /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/ };
const LABEL = { pattern: /^[a-z0-9_-]{0,63}$/ };
const RFC3339 = { pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ };
const ROLE = { pattern: /^(projects\/[^/]+\/|organizations\/[^/]+\/)?roles\/[\w.]+$/ };
const MEMBER = { pattern: /^(user|group|domain|serviceAccount|principal|principalSet):.+$/ };
const KMS_KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

const accountEmail = (accountId: unknown, project: unknown) =>
  `${accountId}@${project}.iam.gserviceaccount.com`;
const accountName = (accountId: unknown, project: unknown) =>
  `projects/${project}/serviceAccounts/${accountEmail(accountId, project)}`;

/**
 * A range grows in place: the provider replaces a subnet whose new range does not contain the old one.
 * https://github.com/hashicorp/terraform-provider-google/blob/main/google/services/compute/resource_compute_subnetwork.go
 */
function shrinks(before: unknown, after: unknown): boolean {
  const [[from, bits], [to, newBits]] = [before, after].map((range) => {
    const [address = "", length] = String(range).split("/");
    return [address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), Number(length)] as const;
  }) as [readonly [number, number], readonly [number, number]];
  const block = 2 ** (32 - newBits);
  return !(newBits <= bits && Math.floor(from / block) === Math.floor(to / block));
}

/** What replaces a pool, and with its default pool a cluster: test/stub-clouds/recorded/gcp-diffs.json. */
const NODE_REPLACEMENTS = [
  "nodeConfig.serviceAccount",
  "nodeConfig.oauthScopes",
  "nodeConfig.spot",
  "nodeConfig.metadata",
  "nodeConfig.shieldedInstanceConfig",
  // Off by default, so not recorded: ForceNew in google/services/container/node_config.go of the provider.
  "nodeConfig.sandboxConfig",
];

/** Rules for nodes, in a cluster's default pool and in separate pools. */
const nodeRules: Readonly<Record<string, Rule>> = {
  "nodeConfig.machineType": { pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/ },
  "nodeConfig.imageType": { oneOf: ["COS_CONTAINERD", "UBUNTU_CONTAINERD", "WINDOWS_LTSC_CONTAINERD"] },
  "nodeConfig.diskSizeGb": { min: 10 },
  "nodeConfig.workloadMetadataConfig.mode": { oneOf: ["GKE_METADATA", "GCE_METADATA", "MODE_UNSPECIFIED"] },
  "nodeConfig.kubeletConfig.insecureKubeletReadonlyPortEnabled": { oneOf: ["TRUE", "FALSE"] },
};

/** The real cloud returns a separate name here, with a public certificate. */
function dnsEndpoint({ controlPlaneEndpointsConfig: config }: Values, endpoint: string): Values {
  return config?.dnsEndpointConfig?.allowExternalTraffic === true
    ? {
        controlPlaneEndpointsConfig: {
          ...config,
          dnsEndpointConfig: { ...config.dnsEndpointConfig, endpoint },
        },
      }
    : {};
}

const rows: Readonly<Record<Token, Row>> = {
  [NETWORK]: {
    autoname: { property: "name" },
    rules: { name: NAME },
    defaults: { autoCreateSubnetworks: true },
    // https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_network#description-1
    replaceOn: ["name", "description", "autoCreateSubnetworks", "project"],
    deleteBlockedBy: [SUBNETWORK, ROUTER, CLUSTER, FIREWALL, ENDPOINTS],
    takes: { create: 12, delete: 22 },
  },
  [SUBNETWORK]: {
    autoname: { property: "name" },
    rules: { name: NAME, ipCidrRange: CIDR, "secondaryIpRanges[].ipCidrRange": CIDR },
    refs: { network: { to: NETWORK, ...DEFAULT } },
    check: subnetRefusals,
    // The cloud refuses to remove a secondary range in use.
    replaceOn: [
      ...["name", "description", "network", "region", "project"],
      { path: "ipCidrRange", when: shrinks },
    ],
    deleteBlockedBy: [CLUSTER, NAT],
    planned: ({ region }, { config }) => ({ region: region ?? config.region }),
    outputs: ({ ipCidrRange }) => ({ gatewayAddress: String(ipCidrRange).replace(/\d+\/\d+$/, "1") }),
    takes: { create: 14, delete: 13 },
  },
  [ROUTER]: {
    autoname: { property: "name" },
    rules: { name: NAME },
    refs: { network: { to: NETWORK, ...DEFAULT } },
    replaceOn: ["name", "network", "region", "project"],
    deletesToo: [NAT],
    planned: ({ region }, { config }) => ({ region: region ?? config.region }),
    takes: { create: 12, delete: 12 },
  },
  [NAT]: {
    autoname: { property: "name" },
    requires: ["sourceSubnetworkIpRangesToNat"],
    rules: {
      name: NAME,
      natIpAllocateOption: { oneOf: ["AUTO_ONLY", "MANUAL_ONLY"] },
      sourceSubnetworkIpRangesToNat: {
        oneOf: [
          "ALL_SUBNETWORKS_ALL_IP_RANGES",
          "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES",
          "LIST_OF_SUBNETWORKS",
        ],
      },
      "subnetworks[].sourceIpRangesToNats[]": {
        oneOf: ["ALL_IP_RANGES", "PRIMARY_IP_RANGE", "LIST_OF_SECONDARY_IP_RANGES"],
      },
      "logConfig.filter": { oneOf: ["ALL", "ERRORS_ONLY", "TRANSLATIONS_ONLY"] },
    },
    refs: { router: ROUTER, "subnetworks[].name": SUBNETWORK },
    check: ({ sourceSubnetworkIpRangesToNat: ranges, subnetworks = [] }) =>
      (ranges === "LIST_OF_SUBNETWORKS") === subnetworks.length > 0
        ? []
        : ["subnetworks go with LIST_OF_SUBNETWORKS, and with nothing else"],
    id: ({ project, region, router, name }, { config }) =>
      `${project ?? config.project}/${region ?? config.region}/${router}/${name}`,
    replaceOn: ["name", "router", "region", "type", "project"],
    takes: { create: 12, delete: 12 },
  },
  [FIREWALL]: { refs: { network: { to: NETWORK, ...DEFAULT } }, replaceOn: ["name", "network", "project"] },
  [ENDPOINTS]: {
    refs: { network: { to: NETWORK, ...DEFAULT } },
    replaceOn: ["name", "network", "zone", "project"],
  },
  [CLUSTER]: {
    autoname: { property: "name", maxLength: 40 },
    rules: {
      name: CLUSTER_NAME,
      location: { pattern: /^[a-z]+-[a-z]+\d(-[a-z])?$/ },
      datapathProvider: { oneOf: ["LEGACY_DATAPATH", "ADVANCED_DATAPATH", "DATAPATH_PROVIDER_UNSPECIFIED"] },
      networkingMode: { oneOf: ["VPC_NATIVE", "ROUTES"] },
      // No channel is refused since August 2026: https://github.com/rancher/dashboard/issues/18916
      "releaseChannel.channel": { oneOf: ["RAPID", "REGULAR", "STABLE", "EXTENDED"] },
      "maintenancePolicy.maintenanceExclusions[].startTime": RFC3339,
      "maintenancePolicy.maintenanceExclusions[].endTime": RFC3339,
      "maintenancePolicy.maintenanceExclusions[].exclusionOptions.scope": {
        oneOf: ["NO_UPGRADES", "NO_MINOR_UPGRADES", "NO_MINOR_OR_NODE_UPGRADES"],
      },
      "databaseEncryption.state": { oneOf: ["ENCRYPTED", "DECRYPTED"] },
      "anonymousAuthenticationConfig.mode": { oneOf: ["ENABLED", "LIMITED"] },
      "workloadIdentityConfig.workloadPool": { pattern: /^[a-z][-a-z0-9]+\.svc\.id\.goog$/ },
      "privateClusterConfig.masterIpv4CidrBlock": { pattern: /\/28$/ },
      "masterAuthorizedNetworksConfig.cidrBlocks[].cidrBlock": CIDR,
      "resourceLabels.*": LABEL,
      "loggingConfig.enableComponents[]": {
        oneOf: [
          "SYSTEM_COMPONENTS",
          "WORKLOADS",
          "APISERVER",
          "SCHEDULER",
          "CONTROLLER_MANAGER",
          "KCP_CONNECTION",
          "KCP_SSHD",
          "KCP_HPA",
        ],
      },
      "maintenancePolicy.recurringWindow.startTime": RFC3339,
      "maintenancePolicy.recurringWindow.endTime": RFC3339,
      "maintenancePolicy.recurringWindow.recurrence": { pattern: /^FREQ=(DAILY|WEEKLY)/ },
      ...nodeRules,
    },
    refs: {
      network: { to: NETWORK, ...DEFAULT },
      subnetwork: { to: SUBNETWORK, ...DEFAULT },
      "nodeConfig.serviceAccount": { to: ACCOUNT, ...DEFAULT },
    },
    check: clusterRefusals,
    defaults: { deletionProtection: true },
    // ForceNew in the provider; endpoints, authorized networks, channel and logs change in place.
    replaceOn: [
      "name",
      "location",
      "network",
      "subnetwork",
      "networkingMode",
      "datapathProvider",
      "ipAllocationPolicy.clusterSecondaryRangeName",
      "ipAllocationPolicy.servicesSecondaryRangeName",
      "privateClusterConfig.masterIpv4CidrBlock",
      "masterAuth.clientCertificateConfig",
      ...NODE_REPLACEMENTS,
      "initialNodeCount",
      "project",
      // ForceNewIfChange in google/services/container/resource_container_cluster.go of the provider.
      { path: "enableFqdnNetworkPolicy", when: (before, after) => before === true && after !== true },
    ],
    protect: "deletionProtection",
    deletesToo: [NODE_POOL],
    outputs: (inputs, _, { apiServer, random }) => ({
      endpoint: apiServer.host,
      masterAuth: { ...inputs.masterAuth, clusterCaCertificate: apiServer.certificateAuthority },
      masterVersion: `${inputs.minMasterVersion ?? "1.34"}.1-gke.100`,
      labelFingerprint: random(8, "labels"),
      ...dnsEndpoint(inputs, apiServer.host),
    }),
    takes: { create: 480, delete: 240, update: 300 },
  },
  [NODE_POOL]: {
    autoname: { property: "name", maxLength: 40 },
    id: ({ project, location, cluster, name }, { config }) =>
      `projects/${project ?? config.project}/locations/${location}/clusters/${cluster}/nodePools/${name}`,
    rules: {
      name: CLUSTER_NAME,
      "autoscaling.locationPolicy": { oneOf: ["BALANCED", "ANY"] },
      "upgradeSettings.strategy": { oneOf: ["SURGE", "BLUE_GREEN"] },
      "nodeConfig.taints[].effect": { oneOf: ["NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"] },
      "nodeConfig.resourceLabels.*": LABEL,
      ...nodeRules,
    },
    refs: { cluster: CLUSTER, "nodeConfig.serviceAccount": { to: ACCOUNT, ...DEFAULT } },
    check: poolRefusals,
    replaceOn: ["name", "cluster", "location", "initialNodeCount", ...NODE_REPLACEMENTS, "project"],
    takes: { create: 90, delete: 180, update: 300 },
  },
  [ACCOUNT]: {
    rules: { accountId: { pattern: /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/ } },
    requires: ["accountId"],
    replaceOn: ["accountId", "project"],
    id: ({ accountId, project }, { config }) => accountName(accountId, project ?? config.project),
    outputs: ({ accountId, project }, id, { config, random }) => {
      const email = accountEmail(accountId, project ?? config.project);
      return { email, member: `serviceAccount:${email}`, name: id, uniqueId: random(21, "unique") };
    },
    handles: ["name", "email", "member"],
    takes: { create: 3, delete: 1 },
  },
  [SERVICE]: {
    rules: { service: { pattern: /^[a-z0-9-]+\.googleapis\.com$/ } },
    replaceOn: ["service", "project"],
    id: ({ service, project }, { config }) => `${project ?? config.project}/${service}`,
    takes: { create: 25, delete: 2 },
  },
  "gcp:projects/iAMMember:IAMMember": {
    rules: { role: ROLE, member: MEMBER },
    refs: { member: { to: ACCOUNT, except: /^(user|group|domain|principal|principalSet):/ } },
    // The project's pool exists from its first cluster on:
    // https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity
    check: ({ member }, { all }) => {
      const pool = /workloadIdentityPools\/([^/]+\.svc\.id\.goog)\//.exec(String(member))?.[1];
      return pool === undefined || all(CLUSTER).length > 0
        ? []
        : [
            `googleapi: Error 400: Identity Pool does not exist (${pool}). Please check that you specified a valid resource name, badRequest`,
          ];
    },
    replaceOn: ["project", "role", "member", "condition"],
    id: ({ project, role, member }) => `${project}/${role}/${member}`,
    importId: ({ project, role, member }) => `${project} ${role} ${member}`,
    outputs: () => ({ etag: "BwY=" }),
    handles: [],
    takes: { create: 8, delete: 8 },
  },
  "gcp:projects/serviceIdentity:ServiceIdentity": {
    replaceOn: ["service", "project"],
    id: ({ project, service }, { config }) => `projects/${project ?? config.project}/services/${service}`,
    outputs: () => ({ email: ROBOT, member: `serviceAccount:${ROBOT}` }),
    handles: ["member", "email"],
    takes: { create: 2 },
  },
  [KEY_ACCESS]: {
    rules: { role: ROLE, member: MEMBER, cryptoKeyId: { pattern: KMS_KEY } },
    replaceOn: ["cryptoKeyId", "role", "member", "condition"],
    id: ({ cryptoKeyId, role, member }) => `${cryptoKeyId}/${role}/${member}`,
    importId: ({ cryptoKeyId, role, member }) => `${cryptoKeyId} ${role} ${member}`,
    outputs: () => ({ etag: "BwY=" }),
    handles: [],
    takes: { create: 5, delete: 5 },
  },
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": {
    rules: { role: ROLE, member: MEMBER },
    refs: {
      repository: "gcp:artifactregistry/repository:Repository",
      member: { to: ACCOUNT, except: /^(user|group|domain|principal|principalSet):/ },
    },
    replaceOn: ["project", "location", "repository", "role", "member", "condition"],
    id: ({ project, location, repository, role, member }, { config }) =>
      `projects/${project ?? config.project}/locations/${location}/repositories/${repository}/${role}/${member}`,
    importId: ({ project, location, repository, role, member }) =>
      `projects/${project}/locations/${location}/repositories/${repository} ${role} ${member}`,
    outputs: () => ({ etag: "BwY=" }),
    handles: [],
    takes: { create: 5, delete: 5 },
  },
  "gcp:artifactregistry/repository:Repository": {
    rules: {
      repositoryId: { pattern: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/ },
      format: { oneOf: ["DOCKER", "MAVEN", "NPM", "PYTHON", "APT", "YUM", "KFP", "GO", "GENERIC"] },
      "labels.*": LABEL,
    },
    replaceOn: ["repositoryId", "location", "format", "mode", "kmsKeyName", "project"],
    deletesToo: ["gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"],
    id: ({ project, location, repositoryId }, { config }) =>
      `projects/${project ?? config.project}/locations/${location}/repositories/${repositoryId}`,
    outputs: ({ project, location, repositoryId }, _, { config }) => ({
      name: repositoryId,
      registryUri: `${location}-docker.pkg.dev/${project ?? config.project}/${repositoryId}`,
    }),
    takes: { create: 10, delete: 10 },
  },
};

export const resources: Readonly<Record<Token, Row>> = withApis(rows);
