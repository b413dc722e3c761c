import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { Provider } from "@pulumi/kubernetes/provider";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import { mirrored } from "../../lib/image";
import type { Cluster } from "../types";

const NAME = "cluster-autoscaler";
const LABELS = { app: NAME };
const PORT = 8085;
const NOBODY_UID = 65534;

/** What it needs to simulate the scheduler and to drain a node. */
const CLUSTER_RULES: rbac.v1.PolicyRule[] = [
  {
    apiGroups: [""],
    resources: [
      "namespaces",
      "nodes",
      "persistentvolumeclaims",
      "persistentvolumes",
      "pods",
      "replicationcontrollers",
      "services",
    ],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["apps"],
    resources: ["daemonsets", "replicasets", "statefulsets"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: ["batch"], resources: ["cronjobs", "jobs"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: ["get", "list", "watch"] },
  {
    apiGroups: ["storage.k8s.io"],
    resources: ["csidrivers", "csinodes", "csistoragecapacities", "storageclasses", "volumeattachments"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["resource.k8s.io"],
    resources: ["deviceclasses", "resourceclaims", "resourceslices"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: [""], resources: ["nodes"], verbs: ["update", "patch"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["update"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
];

/** Its own state: the leader's lease, and its status. */
const NAMESPACE_RULES: rbac.v1.PolicyRule[] = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [NAME],
    verbs: ["get", "update"],
  },
  { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "list", "watch"] },
  {
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: [`${NAME}-status`],
    verbs: ["get", "update", "delete"],
  },
];

/** Runs cluster-autoscaler on a cloud that does not autoscale nodes itself. */
export function nodeAutoscaler(
  cluster: Cluster,
  provider: Provider,
  registry: string | undefined,
): pulumi.Resource[] {
  if (cluster.nodeAutoscaler === undefined) return [];
  const { image, args, env, serviceAccount } = cluster.nodeAutoscaler;
  const options = { parent: cluster, provider };
  const { namespace } = serviceAccount;
  const shared = { labels: LABELS, annotations: OWNS_ITS_FIELDS };
  const metadata = { name: NAME, namespace, ...shared };
  const subjects = [{ kind: "ServiceAccount", ...serviceAccount }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: NAME });

  const account = new ServiceAccount(NAME, { metadata: { ...serviceAccount, ...shared } }, options);
  const access = [
    new ClusterRole(NAME, { metadata: { name: NAME, ...shared }, rules: CLUSTER_RULES }, options),
    new ClusterRoleBinding(
      NAME,
      { metadata: { name: NAME, ...shared }, roleRef: roleRef("ClusterRole"), subjects },
      options,
    ),
    new Role(NAME, { metadata, rules: NAMESPACE_RULES }, options),
    new RoleBinding(NAME, { metadata, roleRef: roleRef("Role"), subjects }, options),
  ];
  const deployment = new Deployment(
    NAME,
    {
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            serviceAccountName: serviceAccount.name,
            priorityClassName: "system-cluster-critical",
            securityContext: {
              runAsNonRoot: true,
              runAsUser: NOBODY_UID,
              runAsGroup: NOBODY_UID,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: NAME,
                image: pulumi.output(image).apply((each) => mirrored(registry, each)),
                command: ["./cluster-autoscaler"],
                args: [
                  ...args,
                  `--namespace=${namespace}`,
                  // Add-ons may be evicted. Pods with an emptyDir, such as working agents, keep the default: they may not.
                  "--skip-nodes-with-system-pods=false",
                  "--stderrthreshold=info",
                ],
                env: Object.entries(env).map(([name, value]) => ({ name, value })),
                ports: [{ name: "http", containerPort: PORT }],
                livenessProbe: {
                  httpGet: { path: "/health-check", port: PORT },
                  initialDelaySeconds: 30,
                  periodSeconds: 30,
                },
                resources: { requests: { cpu: "100m", memory: "300Mi" }, limits: { memory: "600Mi" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  readOnlyRootFilesystem: true,
                },
              },
            ],
          },
        },
      },
    },
    { ...options, dependsOn: [account, ...access] },
  );
  return [account, ...access, deployment];
}
