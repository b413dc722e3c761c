import type { Row, Token } from "../types";

const NETWORK = "gcp:compute/network:Network";
const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";
const ROUTER = "gcp:compute/router:Router";
const CLUSTER = "gcp:container/cluster:Cluster";
const NODE_POOL = "gcp:container/nodePool:NodePool";
const ACCOUNT = "gcp:serviceaccount/account:Account";

/** Name of everything in Compute Engine. */
const NAME = { pattern: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/ };
const CIDR = { pattern: /^\d+\.\d+\.\d+\.\d+\/\d+$/ };
const DEFAULT = { except: /^default$/ };

export const resources: Readonly<Record<Token, Row>> = {
  [NETWORK]: {
    autoname: { property: "name" },
    rules: { name: NAME },
    defaults: { autoCreateSubnetworks: true },
    replaceOn: ["name", "autoCreateSubnetworks", "project"],
    deleteBlockedBy: [SUBNETWORK, ROUTER, CLUSTER],
    takes: { create: 12, delete: 22 },
  },
  [SUBNETWORK]: {
    autoname: { property: "name" },
    rules: { name: NAME, ipCidrRange: CIDR, "secondaryIpRanges[].ipCidrRange": CIDR },
    refs: { network: { to: NETWORK, ...DEFAULT } },
    replaceOn: ["name", "network", "region", "project"],
    deleteBlockedBy: [CLUSTER],
    planned: ({ region }, { config }) => ({ region: region ?? config.region }),
    outputs: ({ ipCidrRange }) => ({ gatewayAddress: String(ipCidrRange).replace(/\d+\/\d+$/, "1") }),
    takes: { create: 14, delete: 13 },
  },
  [CLUSTER]: {
    autoname: { property: "name", maxLength: 40 },
    rules: { name: { pattern: /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/ } },
    refs: {
      network: { to: NETWORK, ...DEFAULT },
      subnetwork: { to: SUBNETWORK, ...DEFAULT },
      "nodeConfig.serviceAccount": { to: ACCOUNT, ...DEFAULT },
    },
    defaults: { deletionProtection: true },
    replaceOn: [
      "name",
      "location",
      "network",
      "subnetwork",
      "datapathProvider",
      "privateClusterConfig",
      "project",
    ],
    protect: "deletionProtection",
    deletesToo: [NODE_POOL],
    outputs: ({ minMasterVersion }, _, { apiServer }) => ({
      endpoint: apiServer.host,
      masterAuth: { clusterCaCertificate: apiServer.certificateAuthority, clientCertificateConfig: {} },
      masterVersion: `${minMasterVersion ?? "1.34"}.1-gke.100`,
    }),
    takes: { create: 480, delete: 240, update: 300 },
  },
  [NODE_POOL]: {
    autoname: { property: "name", maxLength: 40 },
    rules: { name: { pattern: /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/ } },
    refs: { cluster: CLUSTER, "nodeConfig.serviceAccount": { to: ACCOUNT, ...DEFAULT } },
    replaceOn: ["name", "cluster", "location", "initialNodeCount", "project"],
    takes: { create: 90, delete: 180, update: 300 },
  },
};
