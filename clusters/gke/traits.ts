import { addressAt, isPrivate, isRange } from "../cidr";
import type { ClusterTraits } from "../types";
import type { Config } from "./config";
import { architecture, takesOnlyHyperdisk } from "./machine";
import { SPOT } from "./pools";

/** The class for ReadWriteMany: GKE's own ones make volumes in the network `default`. */
export const FILESTORE_CLASS = "ralph-filestore";

/** The class for ReadWriteOnce where nodes cannot mount a Persistent Disk, which GKE's own ones make. */
export const HYPERDISK_CLASS = "ralph-hyperdisk";

/** Where Google's load balancers and their health checks come from. */
const LOAD_BALANCERS = ["35.191.0.0/16", "130.211.0.0/22"];
const NODE_LOCAL_DNS = "169.254.20.10/32";
/** Cloud DNS answers at the address of the metadata server. */
const CLOUD_DNS = "169.254.169.254/32";

/** Google gives the Service kube-dns the tenth address of the Services' range. */
const resolver = (range: string): string => `${addressAt(range, 10)}/32`;

/** Asked for before anybody has said whether the ranges are valid. */
export function traits({ network, nodes, storage }: Config): ClusterTraits {
  const { nodes: subnet, pods, services, controlPlane } = network;
  const own = [subnet, pods, services, controlPlane].filter((cidr) => cidr !== undefined).filter(isRange);
  return {
    storageClass: {
      rwo: takesOnlyHyperdisk(nodes.machineType) ? HYPERDISK_CLASS : storage.rwo,
      ...(storage.filestore.enabled ? { rwx: FILESTORE_CLASS } : {}),
    },
    ingress: {
      className: "gce",
      // The controller ignores an Ingress whose spec names a class: it goes by the annotation.
      annotations: { "kubernetes.io/ingress.class": "gce" },
      from: { namespaces: [], cidrs: LOAD_BALANCERS },
    },
    networkPolicy: {
      enforced: true,
      dnsCidrs: [NODE_LOCAL_DNS, CLOUD_DNS, ...[services].filter(isRange).map(resolver)],
      // The workload closes private ranges itself.
      blockedCidrs: own.filter((cidr) => !isPrivate(cidr)),
    },
    metricsApi: true,
    architectures: [architecture(nodes.machineType)],
    registry: true,
    ...(nodes.spot
      ? {
          scheduling: {
            nodeSelector: { [SPOT.key]: SPOT.value },
            tolerations: [{ ...SPOT, operator: "Equal", effect: "NoSchedule" }],
          },
        }
      : {}),
  };
}
