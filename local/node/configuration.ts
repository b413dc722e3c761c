import { createHash } from "node:crypto";

import { NODE_NAME, type NodeLayout } from "./layout";

/** Folders of CNI plugins in Debian, in Fedora, and in the project's own releases. */
export const CNI_FOLDERS = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"] as const;

/** Image of the container that owns a pod's network namespace. */
export const PAUSE_IMAGE = "ralph.local/pause:1";

/** containerd on separate paths, so that it does not touch the machine's own containerd. */
export const containerdConfiguration = (layout: NodeLayout, cniFolder: string): string => `version = 2
root = ${quote(layout.containerdRoot)}
state = ${quote(layout.containerdState)}
# File systems and tracing that the node does not use, each of which warns if it is not available.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]

[grpc]
address = ${quote(layout.socket)}

[plugins."io.containerd.internal.v1.opt"]
path = ${quote(`${layout.dir}/opt`)}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${quote(PAUSE_IMAGE)}
# In the node's mount namespace, so that they end with it.
netns_mounts_under_state_dir = true
# In a container, as on many CI machines, lowering a score is not permitted.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = ${quote(cniFolder)}
conf_dir = ${quote(layout.cniConfig)}

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`;

/** A TOML basic string has JSON's escapes. */
const quote = (text: string): string => JSON.stringify(text);

/** A separate bridge and subnet; traffic that leaves the machine is masqueraded as the machine's. */
export const networkConfiguration = (layout: NodeLayout): object => ({
  cniVersion: "0.4.0",
  name: layout.network,
  type: "bridge",
  bridge: layout.network,
  isGateway: true,
  ipMasq: true,
  ipam: {
    type: "host-local",
    dataDir: layout.addresses,
    ranges: [[{ subnet: subnetOf(layout) }]],
    routes: [{ dst: "0.0.0.0/0" }],
  },
});

/** One of the 256 networks of 10.231.0.0/16, which is rarely used; two runs on a machine are unlikely to share one. */
const subnetOf = ({ dir }: NodeLayout): string =>
  `10.231.${createHash("sha256").update(dir).digest()[0] ?? 0}.0/24`;

/** The kubelet on separate paths and ports, reachable from this machine only. */
export const kubeletConfiguration = (
  layout: NodeLayout,
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
  containerRuntimeEndpoint: `unix://${layout.socket}`,
  cgroupDriver: "cgroupfs",
  failCgroupV1: false,
  failSwapOn: false,
  // Without kube-proxy, nothing uses these chains.
  makeIPTablesUtilChains: false,
  // Do not limit the machine's other processes.
  enforceNodeAllocatable: [],
  podLogsDir: `${layout.dir}/pods`,
  volumePluginDir: `${layout.dir}/volume-plugins`,
  // Never delete images: they could not be pulled again.
  imageGCHighThresholdPercent: 100,
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
});

/** Command line of the kubelet, for settings that its file does not support. */
export const kubeletArguments = (layout: NodeLayout, kubeconfig: string, address: string): string[] => [
  `--config=${layout.kubeletConfig}`,
  `--kubeconfig=${kubeconfig}`,
  `--root-dir=${layout.kubelet}`,
  `--cert-dir=${layout.dir}/certificates`,
  `--hostname-override=${NODE_NAME}`,
  `--node-ip=${address}`,
];
