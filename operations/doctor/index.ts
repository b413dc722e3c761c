import { type ClusterAccess, openCluster } from "../cluster/client";
import { RALPH } from "../../workload/names";
import type { Unseen } from "../unseen";
import { CHECKS } from "./checks";
import { read } from "./read";
import type { Context, Finding, Kind, Objects } from "./types";

export interface Diagnosis {
  /** Address of the API server. */
  readonly server: string;
  readonly namespace: string;
  /** How many checks could look. */
  readonly checks: number;
  readonly findings: readonly (Finding & { readonly check: string })[];
  readonly unseen: readonly Unseen[];
}

export interface Patient extends ClusterAccess {
  /** Default: that of the context, or the program's own. */
  readonly namespace?: string;
  /** Whose configuration the commands mend; absent: the selected one. */
  readonly stack?: string;
}

/**
 * Looks at a workload and its cluster, and changes nothing.
 *
 * @throws Unreachable where the API server does not answer, or knows nobody by these credentials
 */
export async function diagnose({ namespace: wanted, stack, ...access }: Patient): Promise<Diagnosis> {
  const client = await openCluster(access);
  const namespace = wanted ?? client.namespace ?? RALPH;
  const { objects, unreadable } = await read(client, namespace);
  const context = contextOf(namespace, stack);
  const able = CHECKS.filter(({ needs }) => needs.every((kind) => kind in objects));
  return {
    server: client.address,
    namespace,
    checks: able.length,
    findings: able.flatMap(({ name, look }) =>
      look(objects as Objects, context).map((finding) => ({ check: name, ...finding })),
    ),
    unseen: [...unreadable].map(([kind, reason]) => ({
      about: `${kind} (for: ${CHECKS.filter(({ needs }) => needs.includes(kind))
        .map(({ name }) => name)
        .join(", ")})`,
      reason,
      fix: canI(kind, namespace),
    })),
  };
}

/** How a kind is called in a rule of RBAC, and where it is asked for. */
const RESOURCES: Readonly<Partial<Record<Kind, string>>> = {
  claims: "persistentvolumeclaims",
  quotas: "resourcequotas",
  autoscalers: "horizontalpodautoscalers.autoscaling",
  networkPolicies: "networkpolicies.networking.k8s.io",
  storageClasses: "storageclasses.storage.k8s.io",
  systemPods: "pods -n kube-system",
  systemDaemonSets: "daemonsets.apps -n kube-system",
  deployments: "deployments.apps",
  jobs: "jobs.batch",
  cronJobs: "cronjobs.batch",
};
const CLUSTER_WIDE: readonly Kind[] = ["nodes", "storageClasses", "systemPods", "systemDaemonSets"];

function canI(kind: Kind, namespace: string): string {
  const verb = ["secrets", "namespaces"].includes(kind) ? "get" : "list";
  const where = CLUSTER_WIDE.includes(kind) ? "" : ` -n ${namespace}`;
  return `kubectl auth can-i ${verb} ${(RESOURCES[kind] ?? kind).toLowerCase()}${where}`;
}

export function contextOf(namespace: string, stack?: string): Context {
  const of = stack === undefined ? "" : ` --stack ${stack}`;
  const path = (at: string): string => (/^[\w.:-]+$/.test(at) ? `ralph:${at}` : `'ralph:${at}'`);
  return {
    namespace,
    set: (at, value) =>
      `pulumi config set --path ${path(at)} ${/^[\w.:/-]+$/.test(value) ? value : `'${value}'`}${of}`,
    setSecret: (at) => `pulumi config set --secret --path ${path(at)}${of}`,
    unset: (at) => `pulumi config rm --path ${path(at)}${of}`,
    up: `pulumi up${of}`,
    refresh: `pulumi refresh${of}`,
    kubectl: (args) => `kubectl -n ${namespace} ${args}`,
  };
}
