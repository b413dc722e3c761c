import { contains, PRIVATE_RANGES } from "../cidr";
import type { ClusterTraits, StorageClassSpec } from "../types";
import type { Config } from "./config";
import { scheduling } from "./nodes";
import { parseSize } from "./sizes";

/**
 * For volumes of many nodes: NFS, which keeps owners and locks as an agent's tools expect them. Only premium
 * shares speak it, of 100 GiB at least.
 */
export const nfs: StorageClassSpec = {
  name: "ralph-azurefile-nfs",
  provisioner: "file.csi.azure.com",
  parameters: { protocol: "nfs", skuName: "Premium_LRS" },
  mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
};

const INGRESS = {
  addon: { className: "webapprouting.kubernetes.azure.com", namespaces: ["app-routing-system"] },
  none: {
    className: "nginx",
    namespaces: ["ingress-nginx"],
    missing: "ingress-nginx, or ralph:cluster.webAppRouting",
  },
};

/** Where LocalDNS answers on a node: to the node's own names, and to pods. */
const LOCAL_DNS = ["169.254.10.10/32", "169.254.10.11/32"];
/** The host's agent: names, health, and what a virtual machine is told at boot. Public by its number. */
const WIRE_SERVER = "168.63.129.16/32";

export function traits(config: Config): ClusterTraits {
  const { vnet, pods, services, dnsServiceIP } = config.network;
  const { namespaces, ...ingress } = config.webAppRouting ? INGRESS.addon : INGRESS.none;
  const nodes = scheduling(config);
  return {
    storageClass: { rwo: "managed-csi", rwx: nfs.name },
    ingress: { ...ingress, annotations: {}, from: { namespaces, cidrs: [] } },
    networkPolicy: {
      enforced: true,
      dnsCidrs: [...LOCAL_DNS, `${dnsServiceIP}/32`],
      blockedCidrs: [WIRE_SERVER, ...[vnet, pods, services].filter(isPublic)],
    },
    metricsApi: true,
    architectures: [parseSize(config.nodes.machineType)?.arm === true ? "arm64" : "amd64"],
    registry: true,
    ...(nodes === undefined ? {} : { scheduling: nodes }),
  };
}

/** Ranges of the cluster that look like the internet: private ones are closed to pods in any case. */
const isPublic = (range: string): boolean => !PRIVATE_RANGES.some((known) => contains(known, range));
