import { dirname } from "node:path";
import { Document, visit } from "yaml";

import {
  CONFIG_MAP,
  DASHBOARD_CONFIG_MAP,
  LOGIN,
  MONITORING_NAMESPACE,
  PROMPTS_CONFIG_MAP,
  RALPH,
  STATUS_SERVICE,
} from "../../workload/names";
import { AGENTS } from "../../runner/src/contract";
import type { KubernetesObject } from "./objects";
import type { Published, SecretReference } from "./publish";

/** In the first line of every rendered file: only files with it are overwritten or removed, so it never changes. */
export const MARK = "Rendered by make render";

/**
 * The guide's file names, by kind, or by kind and name or namespace if a kind has several files. Argo CD's Application is not in the
 * folder that it syncs, or it would manage itself.
 */
const FILES: Readonly<Record<string, string>> = {
  Namespace: "00-namespace",
  [`ConfigMap/${CONFIG_MAP}`]: "01-configmap",
  [`ConfigMap/${PROMPTS_CONFIG_MAP}`]: "01-configmap-prompts",
  PersistentVolumeClaim: "03-pvc-*",
  Deployment: "04-deployment",
  Service: "05-service",
  [`Service/${STATUS_SERVICE}`]: "05-service-status",
  ServiceMonitor: "06-servicemonitor",
  Job: "07-job-*",
  HorizontalPodAutoscaler: "08-hpa",
  CronJob: "09-cronjob-*",
  ServiceAccount: "10-rbac-serviceaccount",
  Role: "10-rbac-role",
  RoleBinding: "10-rbac-rolebinding",
  NetworkPolicy: "11-networkpolicy",
  [`ConfigMap in ${MONITORING_NAMESPACE}`]: "12-prometheus-config",
  Ingress: "13-ingress",
  PodDisruptionBudget: "14-pdb",
  PrometheusRule: "15-prometheusrule",
  [`ConfigMap/${DASHBOARD_CONFIG_MAP}`]: "16-grafana-dashboard",
  [`NetworkPolicy/${LOGIN}`]: "17-login-networkpolicy",
  [`Deployment/${LOGIN}`]: "17-login-deployment",
  [`Service/${LOGIN}`]: "17-login-service",
  Application: "argocd/argocd-app",
};
/** Prefix for kinds that the guide does not have. */
const OTHERS = "15-";

/** The folders, below the output folder, that can contain rendered files. */
export const FOLDERS = ["", "argocd"] as const;

export function fileName({ kind, metadata: { name, namespace } }: KubernetesObject): string {
  const stem =
    FILES[`${kind}/${name}`] ??
    FILES[`${kind} in ${namespace}`] ??
    FILES[kind] ??
    `${OTHERS}${kind.toLowerCase()}-*`;
  return `${stem.replace("*", name)}.yaml`;
}

/** The text of every file, by its path in the folder. The README's commands contain the folder's name. */
export function renderFiles(
  { objects, secrets }: Published,
  { stack, folder }: { readonly stack: string; readonly folder: string },
): Map<string, string> {
  const header = `${MARK} from the stack ${stack}: change the stack, then render again.`;
  return new Map([
    ...objects.map((object): [string, string] => [fileName(object), `# ${header}\n${toYaml(object)}`]),
    ["README.md", `<!-- ${header} -->\n\n${readme(objects, secrets, folder)}`],
  ]);
}

/** YAML for kubectl, whose parser reads YAML 1.1: quotes strings such as `on`, `1_000` or `12:30`. */
export function toYaml(object: object): string {
  const document = new Document(object, {
    compat: "yaml-1.1",
    aliasDuplicateObjects: false,
    sortMapEntries: ({ key: a }, { key: b }) => byRank(keyOf(a), keyOf(b)),
  });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && needsQuotes(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Whether a string has white space that parsers would confuse with the indentation of a block scalar. */
const needsQuotes = (text: string): boolean => /^\s/.test(text) || /^[ \t]+$|\r/m.test(text);

const keyOf = (key: unknown): string => String((key as { value?: unknown }).value ?? key);

const LEADING_KEYS = ["apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations"];
const rank = (key: string): number =>
  LEADING_KEYS.includes(key) ? LEADING_KEYS.indexOf(key) : LEADING_KEYS.length;

/** Identity first, then in alphabetical order. */
const byRank = (a: string, b: string): number => rank(a) - rank(b) || (a < b ? -1 : 1);

function readme(
  objects: readonly KubernetesObject[],
  secrets: readonly SecretReference[],
  folder: string,
): string {
  const namespace = objects.find(({ kind }) => kind === "Namespace")?.metadata.name;
  if (namespace === undefined) return readmeOfTool(objects);
  const foreign = objects.filter(({ metadata }) => (metadata.namespace ?? namespace) !== namespace);
  const applied = FOLDERS.filter((path) =>
    objects.some((object) => dirname(`/${fileName(object)}`) === `/${path}`),
  );
  const custom = objects.filter(({ apiVersion }) => /\./.test(apiVersion) && !/\.k8s\.io\//.test(apiVersion));
  return `# Ralph in the namespace ${namespace}

The objects that \`pulumi up\` creates, except for the Secrets. Create those first:

\`\`\`sh
kubectl apply -f ${folder}/00-namespace.yaml
${secrets.map((secret) => secretCommand(secret, namespace)).join("\n")}
\`\`\`

Then apply everything else, and again after each change. Omit \`-n\`: not all objects are in one namespace.

\`\`\`sh
${applied.map((path) => `kubectl apply -f ${folder}/${path}`).join("\n")}
\`\`\`

Pods read a changed Secret only when they start: \`kubectl rollout restart deployment ${RALPH} -n ${namespace}\`.

The cluster must already have:

${list([
  ...objects
    .filter(({ kind }) => kind === "PersistentVolumeClaim")
    .map(
      ({ metadata, spec }) =>
        `the storage class \`${(spec as Claim).storageClassName}\`, for ${metadata.name}`,
    ),
  ...foreign.map(
    ({ kind, metadata }) => `the namespace \`${metadata.namespace}\`, for ${kind} ${metadata.name}`,
  ),
  ...custom.map(({ apiVersion, kind }) => `the kind \`${kind}\` of \`${apiVersion}\``),
  ...(usesIdentity(objects)
    ? ["access to the models at the cloud, granted to the pods' service account: see docs/models.md"]
    : []),
])}
`;
}

/** Without the namespace: a GitOps tool owns the objects. */
const readmeOfTool = (objects: readonly KubernetesObject[]): string =>
  `# Ralph in the namespace ${objects[0]?.metadata.namespace}

The objects that a GitOps tool applies from this folder; do not apply them by hand. \`pulumi up\` creates what they need: the
namespace, Secrets, claims and the service account. docs/ci-cd.md describes both.
`;

/** The variables that make an agent log in by the identity of its pod. */
const IDENTITIES: readonly string[] = Object.values(AGENTS).flatMap(({ identities }) => [...identities]);

/** Whether agents log in to a cloud: `pulumi up` may create what allows it, and these objects do not contain it. */
const usesIdentity = (objects: readonly KubernetesObject[]): boolean =>
  objects.some(
    ({ kind, metadata, data }) =>
      kind === "ConfigMap" &&
      metadata.name === CONFIG_MAP &&
      Object.keys(data ?? {}).some((name) => IDENTITIES.includes(name)),
  );

interface Claim {
  readonly storageClassName: string;
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");

function secretCommand({ name, type, keys }: SecretReference, namespace: string): string {
  const [kind, fields] =
    type === "kubernetes.io/dockerconfigjson"
      ? ["docker-registry", ["--docker-server=...", "--docker-username=...", "--docker-password=..."]]
      : ["generic", [...(type === "Opaque" ? [] : [`--type=${type}`]), ...keys.map(secretField)]];
  return ["kubectl create secret", kind, name, "-n", namespace, ...fields].join(" ");
}

/** The value comes from the environment variable of the same name or, if the key is no such name, from a file. */
const secretField = (key: string): string =>
  /^[A-Z_]+$/.test(key) ? `--from-literal=${key}="$${key}"` : `--from-file=${key}=...`;
