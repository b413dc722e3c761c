import { isPrivate } from "../cidr";
import type { ClusterTraits } from "../types";
import { snapshots } from "./backups";
import type { Config } from "./config";
import { AZURE_CLI } from "./kubeconfig";
import { machineTypes, scheduling } from "./nodes";
import { CLIENT_ID, USE_LABEL } from "./pod-identity";
import { architecture } from "./machine-types";
import { KEY_CLASS, NFS_CLASS, TLS_CLASS } from "./storage";

const INGRESS = {
  addon: { className: "webapprouting.kubernetes.azure.com", namespaces: ["app-routing-system"] },
  none: {
    className: "nginx",
    namespaces: ["ingress-nginx"],
    missing: "ingress-nginx, or ralph:cluster.webAppRouting",
  },
};

/**
 * The addresses of LocalDNS on a node: for the node itself, and for pods. Cilium knows a node by the entity `host`, not by
 * its addresses, so where LocalDNS is turned on, a CiliumNetworkPolicy must allow it:
 * https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium
 */
const LOCAL_DNS = ["169.254.10.10/32", "169.254.10.11/32"];
/** Azure's platform agent: DNS, health probes, boot data of the machine. By its number a public address. */
const WIRE_SERVER = "168.63.129.16/32";

export function traits(config: Config): ClusterTraits {
  const { vnet, pods, services, dnsServiceIP } = config.network;
  const { namespaces, ...ingress } = config.webAppRouting ? INGRESS.addon : INGRESS.none;
  const nodes = scheduling(config);
  return {
    storageClass: {
      rwo: config.storage.kmsKey === undefined ? "managed-csi" : KEY_CLASS,
      rwx: config.storage.encryptInTransit ? TLS_CLASS : NFS_CLASS,
    },
    snapshots: snapshots(),
    ingress: { ...ingress, annotations: {}, from: { namespaces, cidrs: [] } },
    networkPolicy: {
      enforced: true,
      dnsCidrs: [...LOCAL_DNS, `${dnsServiceIP}/32`],
      hosts: { kind: "CiliumNetworkPolicy", enabled: config.hostPolicies },
      blockedCidrs: [WIRE_SERVER, ...[vnet, pods, services].filter(isPublic)],
    },
    // The service account's token is exchanged at login.microsoftonline.com: there is no address on the node.
    podIdentity: { platform: "foundry", egress: [], podLabels: USE_LABEL, annotation: CLIENT_ID },
    secretStore: { limit: "vault", reader: "own" },
    metricsApi: true,
    architectures: [...new Set(machineTypes(config).map(architecture))],
    registry: AZURE_CLI,
    ...(nodes === undefined ? {} : { scheduling: nodes }),
  };
}

/** Whether the network policy must block a range of the cluster; private ones are blocked for pods anyway. */
const isPublic = (range: string): boolean => !isPrivate(range);
