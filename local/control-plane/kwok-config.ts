import { readFileSync } from "node:fs";
import { join } from "node:path";

import { freePorts } from "./ports";

/**
 * Every request, without bodies: tests read from it who changed what. Leases are left out, which the
 * components renew every few seconds for ever.
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

/** A started component elects itself at once: after a restart it would wait 15 s for its own old lease. */
const NO_ELECTION = [{ key: "leader-elect", value: "false" }];

/** A node that says that it is simulated, and no other: kwok would end the pods of a real one. */
const SIMULATED_NODES = [
  { key: "manage-all-nodes", value: "false", override: true },
  { key: "manage-nodes-with-annotation-selector", value: "kwok.x-k8s.io/node=fake" },
  // Seconds. After a restart it waits for its own old lease of each node, and no pod of it runs until then.
  { key: "node-lease-duration-seconds", value: "10", override: true },
];

/**
 * The file that `kwokctl create cluster` reads: programs by path, fixed ports, and the stages.
 *
 * @param bin folder of the programs. kwokctl keeps the paths, so it is one that stays.
 * @param pki folder in which kwokctl makes the keys
 */
export async function kwokConfiguration(
  bin: string,
  { auditPolicy, pki, port }: { auditPolicy: string; pki: string; port?: number },
): Promise<string> {
  // kwokctl would choose them counting down from 32767: two runs at one moment choose the same.
  const [apiserver, etcd, etcdPeer, controllerManager, scheduler, kwok] = await freePorts(6);
  const options = {
    runtime: "binary",
    bindAddress: "127.0.0.1", // kwokctl's own default shows etcd to the network
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
    { name: "kube-controller-manager", extraArgs: NO_ELECTION },
    { name: "kube-scheduler", extraArgs: NO_ELECTION },
    { name: "kwok-controller", extraArgs: SIMULATED_NODES },
    {
      name: "kube-apiserver",
      extraArgs: [
        { key: "audit-log-maxsize", value: "100" }, // MB, then a new file
        // The kubelet of a real node answers nobody else.
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
