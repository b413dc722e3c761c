import { readFileSync } from "node:fs";
import { join } from "node:path";

import { freePorts } from "./ports";

/**
 * Logs every request without bodies, so that tests can see who changed what. Leases are left out: the components
 * renew them every few seconds.
 */
export const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
    { level: "Metadata" },
  ],
};

/** No leader election: after a restart, a component would wait 15 s for its own old lease. */
const NO_ELECTION = [{ key: "leader-elect", value: "false" }];

/** Only nodes that are annotated as simulated: kwok would end the pods of a real one. */
const SIMULATED_NODES = [
  { key: "manage-all-nodes", value: "false", override: true },
  { key: "manage-nodes-with-annotation-selector", value: "kwok.x-k8s.io/node=fake" },
  // Seconds. After a restart kwok waits for its own old lease of each node, and no pod runs there until then.
  { key: "node-lease-duration-seconds", value: "10", override: true },
];

const local = (port: number | undefined): string => `https://127.0.0.1:${port}`;

/**
 * etcd knows no users: a process that reaches it writes past every check of the API server. kwokctl lets it listen on
 * 127.0.0.1 without TLS, so to every user of the machine. With these arguments, client and peer need a certificate.
 */
const etcdArguments = (pki: string, client: string, peer: string) => {
  const replaced = {
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `node0=${peer}`,
  };
  const keys = (prefix: string) => ({
    [`${prefix}client-cert-auth`]: "true",
    [`${prefix}trusted-ca-file`]: join(pki, "ca.crt"),
    [`${prefix}cert-file`]: join(pki, "admin.crt"),
    [`${prefix}key-file`]: join(pki, "admin.key"),
  });
  return [
    ...Object.entries(replaced).map(([key, value]) => ({ key, value, override: true })),
    ...Object.entries({ ...keys(""), ...keys("peer-") }).map(([key, value]) => ({ key, value })),
  ];
};

/**
 * The file that `kwokctl create cluster` reads: paths of programs, fixed ports, and the stages.
 *
 * @param bin folder of the programs; kwokctl stores the paths, so it must be permanent
 * @param pki folder in which kwokctl creates the keys
 */
export async function kwokConfiguration(
  bin: string,
  { auditPolicy, pki, port }: { auditPolicy: string; pki: string; port?: number },
): Promise<string> {
  // kwokctl would choose them counting down from 32767: two concurrent runs would choose the same.
  const [apiserver, etcd, etcdPeer, controllerManager, scheduler, kwok] = await freePorts(6);
  const options = {
    runtime: "binary",
    bindAddress: "127.0.0.1", // kwokctl's own default exposes etcd to the network
    etcdBinary: join(bin, "etcd"),
    kubeApiserverBinary: join(bin, "kube-apiserver"),
    kubeControllerManagerBinary: join(bin, "kube-controller-manager"),
    kubeSchedulerBinary: join(bin, "kube-scheduler"),
    kubectlBinary: join(bin, "kubectl"),
    kwokControllerBinary: join(bin, "kwok"),
    kubeAuditPolicy: auditPolicy,
    kubeApiserverPort: port ?? apiserver,
    etcdPort: etcd,
    etcdPeerPort: etcdPeer,
    kubeControllerManagerPort: controllerManager,
    kubeSchedulerPort: scheduler,
    kwokControllerPort: kwok,
  };
  const componentsPatches = [
    { name: "etcd", extraArgs: etcdArguments(pki, local(etcd), local(etcdPeer)) },
    { name: "kube-controller-manager", extraArgs: NO_ELECTION },
    { name: "kube-scheduler", extraArgs: NO_ELECTION },
    { name: "kwok-controller", extraArgs: SIMULATED_NODES },
    {
      name: "kube-apiserver",
      extraArgs: [
        { key: "audit-log-maxsize", value: "100" }, // MB, then a new file
        { key: "etcd-servers", value: local(etcd), override: true },
        { key: "etcd-cafile", value: join(pki, "ca.crt") },
        { key: "etcd-certfile", value: join(pki, "admin.crt") },
        { key: "etcd-keyfile", value: join(pki, "admin.key") },
        // The kubelet of a real node accepts no other client.
        { key: "kubelet-client-certificate", value: join(pki, "admin.crt") },
        { key: "kubelet-client-key", value: join(pki, "admin.key") },
      ],
    },
  ];
  const kwokctl = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options,
    componentsPatches,
  };
  return `${JSON.stringify(kwokctl)}\n---\n${readFileSync(join(__dirname, "stages.yaml"), "utf8")}`;
}
