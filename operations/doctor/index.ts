import { type ClusterAccess, openCluster } from "../cluster/client";
import { runbook } from "../../workload/monitoring/alerts";
import { RALPH } from "../../workload/names";
import type { Place } from "../../clusters/operations";
import type { Unseen } from "../unseen";
import { CHECKS } from "./checks";
import { findOutdated } from "./outdated";
import { findEnded } from "./prompts";
import { read } from "./read";
import type { Commands, Finding, Need, Objects } from "./types";

export interface Diagnosis {
  /** Address of the API server. */
  readonly server: string;
  readonly namespace: string;
  /** Number of checks that had everything they need. */
  readonly checks: number;
  readonly findings: readonly (Finding & {
    readonly check: string;
    /** Where docs/monitoring.md has more about it. */
    readonly runbook?: string;
  })[];
  readonly unseen: readonly Unseen[];
}

export interface DiagnoseOptions extends ClusterAccess {
  /** Namespace of the workload. Default: the context's, then the program's own. */
  readonly namespace?: string;
  /** Stack that the suggested commands configure. Default: the selected one. */
  readonly stack?: string;
  /** Where the stack is, whose cloud is asked as well. Default: only the cluster is. */
  readonly place?: Place;
}

/**
 * Examines a workload and its cluster; it only reads.
 *
 * @throws Unreachable if the API server does not answer, or rejects the credentials
 */
export async function diagnose({
  namespace: wanted,
  stack,
  place,
  ...access
}: DiagnoseOptions): Promise<Diagnosis> {
  const client = await openCluster(access);
  const namespace = wanted ?? client.namespace ?? RALPH;
  const commands = commandsFor(namespace, stack);
  const [{ objects, unreadable }, outdated] = await Promise.all([
    read(client, namespace),
    place === undefined ? undefined : findOutdated(place, commands),
  ]);
  const prompts = await findEnded(access, objects, commands);
  const able = CHECKS.filter(({ needs }) => needs.every((kind) => kind in objects));
  return {
    server: client.address,
    namespace,
    checks:
      able.length + (outdated === undefined || outdated.unseen.length > 0 ? 0 : 1) + (prompts.looked ? 1 : 0),
    findings: [
      ...able.flatMap(({ name, alert, look }) =>
        look(objects as Objects, commands).map((finding) => ({
          check: name,
          ...finding,
          ...(alert === undefined ? {} : { runbook: runbook(alert) }),
        })),
      ),
      ...(outdated?.findings ?? []).map((finding) => ({ check: "outdated", ...finding })),
      ...prompts.findings.map((finding) => ({ check: "prompts", ...finding })),
    ],
    unseen: [
      ...[...unreadable].map(([kind, reason]) => ({
        about: `${kind} (for: ${CHECKS.filter(({ needs }) => needs.includes(kind))
          .map(({ name }) => name)
          .join(", ")})`,
        reason,
        fix: canI(kind, namespace),
      })),
      ...(outdated?.unseen ?? []),
      ...prompts.unseen,
    ],
  };
}

/** The RBAC name of each resource, if it differs from ours, and the namespace that it is read from. */
const RESOURCES: Readonly<Partial<Record<Need, string>>> = {
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
  externalSecrets: "externalsecrets.external-secrets.io",
};
const CLUSTER_WIDE: readonly Need[] = ["nodes", "storageClasses", "systemPods", "systemDaemonSets"];

function canI(kind: Need, namespace: string): string {
  if (kind === "serverVersion") return "kubectl auth can-i get /version";
  const verb = ["secrets", "namespaces"].includes(kind) ? "get" : "list";
  const where = CLUSTER_WIDE.includes(kind) ? "" : ` -n ${namespace}`;
  return `kubectl auth can-i ${verb} ${(RESOURCES[kind] ?? kind).toLowerCase()}${where}`;
}

export function commandsFor(namespace: string, stack?: string): Commands {
  const onStack = stack === undefined ? "" : ` --stack ${stack}`;
  const path = (at: string): string => (/^[\w.:-]+$/.test(at) ? `ralph:${at}` : `'ralph:${at}'`);
  return {
    namespace,
    stack,
    set: (at, value) =>
      `pulumi config set --path ${path(at)} ${/^[\w.:/-]+$/.test(value) ? value : `'${value}'`}${onStack}`,
    setSecret: (at) => `pulumi config set --secret --path ${path(at)}${onStack}`,
    unset: (at) => `pulumi config rm --path ${path(at)}${onStack}`,
    up: `pulumi up${onStack}`,
    refresh: `pulumi refresh${onStack}`,
    kubectl: (args) => `kubectl -n ${namespace} ${args}`,
  };
}
