import { applicationCrd, prometheusRuleCrd, serviceMonitorCrd } from "./crds";

/** Name of the provisioner in the volume stages of stages.yaml, and of a real node's volume driver. */
export const VOLUME_DRIVER = "simulated.ralph.local";

const node = (index: number): object => {
  const name = `node-${index}`;
  const size = { cpu: "16", memory: "64Gi", "ephemeral-storage": "200Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "simulated",
        "topology.kubernetes.io/region": "local",
        "topology.kubernetes.io/zone": `local-${"abc"[(index - 1) % 3]}`,
      },
    },
    status: { capacity: size, allocatable: size },
  };
};

const storageClass = (name: string, volumeBindingMode: string, annotations: object): object => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name, annotations },
  provisioner: VOLUME_DRIVER,
  reclaimPolicy: "Delete",
  allowVolumeExpansion: true,
  volumeBindingMode,
});

const namespace = (name: string): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/** Objects that a cluster has before anything is deployed to it, from its vendor and from other systems. */
export const clusterObjects = (nodes: number): object[] => [
  ...Array.from({ length: nodes }, (_, index) => node(index + 1)),
  // A disk is created where the first pod is scheduled; a shared file system immediately.
  storageClass("standard", "WaitForFirstConsumer", { "storageclass.kubernetes.io/is-default-class": "true" }),
  storageClass("standard-rwx", "Immediate", {}),
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: VOLUME_DRIVER },
    spec: { attachRequired: false },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "nginx" },
    spec: { controller: "k8s.io/ingress-nginx" },
  },
  namespace("monitoring"),
  namespace("argocd"),
  serviceMonitorCrd(),
  prometheusRuleCrd(),
  applicationCrd(),
];
