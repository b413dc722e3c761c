import { addressAt, isPrivate, isRange } from "../cidr";
import type { ClusterTraits } from "../types";
import { snapshots } from "./backups";
import type { Config } from "./config";
import { GCLOUD } from "./kubeconfig";
import { architecture, needsHyperdisk } from "./machine-types";
import { machineTypes, scheduling } from "./pools";
import { FILESTORE_CLASS, HYPERDISK_CLASS, KEY_CLASSES } from "./storage";

/** The source ranges of Google's load balancers and their health checks. */
const LOAD_BALANCERS = ["35.191.0.0/16", "130.211.0.0/22"];
const NODE_LOCAL_DNS = "169.254.20.10/32";
/** The metadata server gives pods their credentials, and Cloud DNS answers at its address. */
const METADATA_SERVER = "169.254.169.254/32";

/** Google gives the Service kube-dns the tenth address of the Services' range. */
const kubeDns = (services: string): string => `${addressAt(services, 10)}/32`;

function storageClass(config: Config): ClusterTraits["storageClass"] {
  const { rwo, filestore, kmsKey } = config.storage;
  const own = machineTypes(config).some(needsHyperdisk) ? HYPERDISK_CLASS : rwo;
  const classes =
    kmsKey === undefined
      ? { rwo: own, rwx: FILESTORE_CLASS }
      : { rwo: KEY_CLASSES.disk, rwx: KEY_CLASSES.filestore };
  return filestore.enabled ? classes : { rwo: classes.rwo };
}

/** Computed before the ranges are checked, so invalid ones are left out. */
export function traits(config: Config): ClusterTraits {
  const { network } = config;
  const ranges = [network.nodes, network.pods, network.services, network.controlPlane]
    .filter((range) => range !== undefined)
    .filter(isRange);
  // Of an existing network, no range is known; the policy allows the pods of the DNS service as well.
  const dnsService = network.existing === undefined ? [network.services].filter(isRange).map(kubeDns) : [];
  const onSpot = scheduling(config);
  return {
    storageClass: storageClass(config),
    snapshots: snapshots(config),
    ingress: {
      className: "gce",
      // The controller ignores an Ingress whose spec names a class: it reads the annotation.
      annotations: { "kubernetes.io/ingress.class": "gce" },
      from: { namespaces: [], cidrs: LOAD_BALANCERS },
    },
    networkPolicy: {
      enforced: true,
      dnsCidrs: [NODE_LOCAL_DNS, METADATA_SERVER, ...dnsService],
      // The workload blocks private ranges itself.
      hosts: { kind: "FQDNNetworkPolicy", enabled: config.hostPolicies },
      blockedCidrs: ranges.filter((range) => !isPrivate(range)),
    },
    podIdentity: {
      platform: "vertex",
      // Ports with Dataplane V2: https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
      egress: [{ cidr: METADATA_SERVER, ports: [80, 8080] }],
      podLabels: {},
    },
    secretStore: { limit: "prefix", reader: "own" },
    metricsApi: true,
    architectures: [...new Set(machineTypes(config).map(architecture))],
    registry: GCLOUD,
    ...(onSpot === undefined ? {} : { scheduling: onSpot }),
  };
}
