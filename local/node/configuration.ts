import { createHash } from "node:crypto";

import { NODE_NAME, type NodeLayout } from "./layout";

/** Folder in which Debian and Fedora put the plugins of container networks; the projects' own is /opt/cni/bin. */
export const CNI_FOLDERS = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"] as const;

/** The image of the container that holds a pod's network. */
export const PAUSE_IMAGE = "ralph.local/pause:1";

/** containerd on paths of its own, so that the machine's own one, if any, is not touched. */
export const containerdConfiguration = (place: NodeLayout, cniFolder: string): string => `version = 2
root = ${quote(place.containerdRoot)}
state = ${quote(place.containerdState)}
# File systems and tracing that nobody asked for, each of which warns where it is not there.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]

[grpc]
address = ${quote(place.socket)}

[plugins."io.containerd.internal.v1.opt"]
path = ${quote(`${place.dir}/opt`)}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${quote(PAUSE_IMAGE)}
# In the node's own mounts, with which they end.
netns_mounts_under_state_dir = true
# In a container, as many CI machines are, nobody may lower a score.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = ${quote(cniFolder)}
conf_dir = ${quote(place.cniConfig)}

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`;

/** A TOML basic string has JSON's escapes. */
const quote = (text: string): string => JSON.stringify(text);

/** A bridge of its own with addresses of its own, which leave the machine under the machine's address. */
export const networkConfiguration = (place: NodeLayout): object => ({
  cniVersion: "0.4.0",
  name: place.network,
  type: "bridge",
  bridge: place.network,
  isGateway: true,
  ipMasq: true,
  ipam: {
    type: "host-local",
    dataDir: place.addresses,
    ranges: [[{ subnet: subnetOf(place) }]],
    routes: [{ dst: "0.0.0.0/0" }],
  },
});

/** One of the 256 networks of 10.231.0.0/16, which few others use; two runs on a machine hardly share one. */
const subnetOf = ({ dir }: NodeLayout): string =>
  `10.231.${createHash("sha256").update(dir).digest()[0] ?? 0}.0/24`;

/** The kubelet on paths and ports of its own. It is reached from this machine alone. */
export const kubeletConfiguration = (
  place: NodeLayout,
  { port, clientCa }: { readonly port: number; readonly clientCa: string },
): object => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: "127.0.0.1",
  port,
  healthzPort: 0,
  readOnlyPort: 0,
  authentication: { anonymous: { enabled: false }, x509: { clientCAFile: clientCa } },
  authorization: { mode: "Webhook" },
  containerRuntimeEndpoint: `unix://${place.socket}`,
  cgroupDriver: "cgroupfs",
  failCgroupV1: false,
  failSwapOn: false,
  // There is no kube-proxy for which it would make them.
  makeIPTablesUtilChains: false,
  // Nothing is taken from the rest of the machine, which is somebody's.
  enforceNodeAllocatable: [],
  podLogsDir: `${place.dir}/pods`,
  volumePluginDir: `${place.dir}/volume-plugins`,
  // The machine's disk is its owner's to clean; images that are gone could not be pulled again.
  imageGCHighThresholdPercent: 100,
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
});

/** Command line of the kubelet, for what its file cannot say. */
export const kubeletArguments = (place: NodeLayout, kubeconfig: string, address: string): string[] => [
  `--config=${place.kubeletConfig}`,
  `--kubeconfig=${kubeconfig}`,
  `--root-dir=${place.kubelet}`,
  `--cert-dir=${place.dir}/certificates`,
  `--hostname-override=${NODE_NAME}`,
  `--node-ip=${address}`,
];
