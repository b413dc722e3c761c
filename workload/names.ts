/** The names of the objects in a cluster, and the labels that select Ralph's pods. */

import { repositoriesOf } from "./git-server";

/** The Deployment, the Ingress, the HTTPRoute, the ServiceMonitor and the Argo CD Application; by default the namespace too. */
export const RALPH = "ralph-orchestrator";

export const CONFIG_MAP = "ralph-config";
export const PROMPTS_CONFIG_MAP = "ralph-prompts";
export const TRUSTED_CA_CONFIG_MAP = "ralph-trusted-ca";
export const API_KEY_SECRET = "ralph-secrets";
export const GIT_SECRET = "ralph-git";
/** Written by External Secrets. With a name of its own, neither way between it and ours replaces a Secret that exists. */
export const EXTERNAL_API_KEY_SECRET = "ralph-secrets-external";
export const EXTERNAL_GIT_SECRET = "ralph-git-external";
export const TELEMETRY_SECRET = "ralph-telemetry";
/** Secrets that the stack creates, or has created. */
export const OWN_SECRETS: readonly string[] = [
  API_KEY_SECRET,
  GIT_SECRET,
  EXTERNAL_API_KEY_SECRET,
  EXTERNAL_GIT_SECRET,
  TELEMETRY_SECRET,
];
/** The SecretStore of the cluster's own cloud, and the service account that reads it. */
export const SECRET_STORE = "ralph-store";
export const SECRETS_READER = "ralph-secrets-reader";
/** The service account of External Secrets, as its chart names it by default. */
export const SECRETS_OPERATOR = { namespace: "external-secrets", name: "external-secrets" } as const;
export const WORKSPACE_CLAIM = "ralph-workspace";
export const CACHE_CLAIM = "ralph-cache";
export const SERVICE_ACCOUNT = "ralph-sa";
export const ROLE = "ralph-role";
export const ROLE_BINDING = "ralph-rolebinding";
export const QUOTA = "ralph-quota";
export const LIMIT_RANGE = "ralph-limits";
/** The ValidatingAdmissionPolicy and its binding. */
export const IMAGE_POLICY = "ralph-images";
/** Beside the NetworkPolicy, on clusters that know hosts by their names. */
export const HOST_POLICY = "ralph-host-policy";
/** Its possible kinds, each with its API version. */
export const HOST_POLICY_KINDS = {
  FQDNNetworkPolicy: "networking.gke.io/v1alpha1",
  CiliumNetworkPolicy: "cilium.io/v2",
} as const;
export const NETWORK_POLICY = "ralph-network-policy";
export const DISRUPTION_BUDGET = "ralph-pdb";
export const AUTOSCALER = "ralph-hpa";
export const SMOKE_JOB = "ralph-smoke";
export const METRICS_SERVICE = "ralph-metrics";
export const STATUS_SERVICE = "ralph-status";
/** The Deployment, its Service, NetworkPolicy and Secret. */
export const LOGIN = "ralph-login";
/** The keys of that Secret. */
export const LOGIN_KEYS = { clientSecret: "client-secret", cookieSecret: "cookie-secret" } as const;
/** The CronJob of snapshots, its service account, role and NetworkPolicy; that of copies. */
export const BACKUP = "ralph-backup";
export const BACKUP_COPY = "ralph-backup-copy";
export const PROMETHEUS_CONFIG = "prometheus-config";
export const DASHBOARD_CONFIG_MAP = "ralph-dashboard";

/** The namespace of the guide and of the Prometheus Operator's own manifests. */
export const MONITORING_NAMESPACE = "monitoring";

/** On every pod of Ralph: the Service, the NetworkPolicy and Prometheus select by it. */
export const APP_LABELS = { app: RALPH } as const;
/** Its pods are none of Ralph's: nothing scrapes them, and they have a network policy of their own. */
export const LOGIN_LABELS = { app: LOGIN } as const;
/** The label that says what a pod is for. */
export const COMPONENT_LABEL = "app.kubernetes.io/component";

interface Source {
  readonly existingSecret?: string;
  readonly externalSecret?: object;
}

const secretName = ({ existingSecret, externalSecret }: Source, own: string, external: string): string =>
  existingSecret ?? (externalSecret === undefined ? own : external);

/** The Secret whose keys become the pods' variables: this program's, one from a store, or an existing one. */
export const apiKeySecretName = ({ apiKeys }: { readonly apiKeys: Source }): string =>
  secretName(apiKeys, API_KEY_SECRET, EXTERNAL_API_KEY_SECRET);

/** The Secret that pods reach a git server with, of the same three kinds; undefined without a server. */
export const gitSecretName = (
  config: Parameters<typeof repositoriesOf>[0] & { readonly git: Source },
): string | undefined =>
  repositoriesOf(config).length === 0 ? undefined : secretName(config.git, GIT_SECRET, EXTERNAL_GIT_SECRET);
