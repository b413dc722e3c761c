import { dirname } from "node:path";
import { Document, visit } from "yaml";

import { CONFIG_MAP, PROMPTS_CONFIG_MAP, RALPH } from "../../workload/names";
import type { KubernetesObject } from "./objects";
import type { Published, SecretReference } from "./publish";

/** Stands in the first line of every rendered file: what may be overwritten and removed. */
export const MARK = "Rendered by make render";

/**
 * The guide's file names, by kind, or by kind and name where one kind is several files. Argo CD's
 * Application is not in the folder that it keeps in step, or it would manage itself.
 */
const FILES: Readonly<Record<string, string>> = {
  Namespace: "00-namespace",
  [`ConfigMap/${CONFIG_MAP}`]: "01-configmap",
  [`ConfigMap/${PROMPTS_CONFIG_MAP}`]: "01-configmap-prompts",
  PersistentVolumeClaim: "03-pvc-*",
  Deployment: "04-deployment",
  Service: "05-service",
  ServiceMonitor: "06-servicemonitor",
  Job: "07-job-*",
  HorizontalPodAutoscaler: "08-hpa",
  CronJob: "09-cronjob-*",
  ServiceAccount: "10-rbac-serviceaccount",
  Role: "10-rbac-role",
  RoleBinding: "10-rbac-rolebinding",
  NetworkPolicy: "11-networkpolicy",
  "ConfigMap/prometheus-config": "12-prometheus-config",
  Ingress: "13-ingress",
  PodDisruptionBudget: "14-pdb",
  Application: "argocd/argocd-app",
};
/** Whatever else the program comes to make. */
const OTHERS = "15-";

/** The folders, inside the rendered one, that can hold a rendered file. */
export const FOLDERS = ["", "argocd"] as const;

export function fileName({ kind, metadata: { name } }: KubernetesObject): string {
  const stem = FILES[`${kind}/${name}`] ?? FILES[kind] ?? `${OTHERS}${kind.toLowerCase()}-*`;
  return `${stem.replace("*", name)}.yaml`;
}

/** The text of every file, by its path inside the folder, whose name is in the commands told. */
export function renderFiles(
  { objects, secrets }: Published,
  { stack, folder }: { readonly stack: string; readonly folder: string },
): Map<string, string> {
  const told = `${MARK} from the stack ${stack}: change the stack, then render again.`;
  return new Map([
    ...objects.map((object): [string, string] => [fileName(object), `# ${told}\n${toYaml(object)}`]),
    ["README.md", `<!-- ${told} -->\n\n${readme(objects, secrets, folder)}`],
  ]);
}

/** YAML for kubectl's reader: `on`, `1_000` or `12:30` must stay text, which YAML 1.1 would not leave them. */
export function toYaml(object: object): string {
  const document = new Document(object, {
    compat: "yaml-1.1",
    aliasDuplicateObjects: false,
    sortMapEntries: ({ key: a }, { key: b }) => byRank(keyOf(a), keyOf(b)),
  });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && isNoBlock(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** White space of its own, which readers tell from the indentation of a block in different ways. */
const isNoBlock = (text: string): boolean => /^\s/.test(text) || /^[ \t]+$|\r/m.test(text);

const keyOf = (key: unknown): string => String((key as { value?: unknown }).value ?? key);

const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations"];
const rank = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);

/** What an object is before what it has, then by the alphabet. */
const byRank = (a: string, b: string): number => rank(a) - rank(b) || (a < b ? -1 : 1);

function readme(
  objects: readonly KubernetesObject[],
  secrets: readonly SecretReference[],
  folder: string,
): string {
  const namespace = objects.find(({ kind }) => kind === "Namespace")?.metadata.name ?? "";
  const foreign = objects.filter(({ metadata }) => (metadata.namespace ?? namespace) !== namespace);
  const applied = FOLDERS.filter((path) =>
    objects.some((object) => dirname(`/${fileName(object)}`) === `/${path}`),
  );
  const custom = objects.filter(({ apiVersion }) => /\./.test(apiVersion) && !/\.k8s\.io\//.test(apiVersion));
  return `# Ralph in the namespace ${namespace}

The objects that \`pulumi up\` makes, but for the Secrets. Make those first:

\`\`\`sh
kubectl apply -f ${folder}/00-namespace.yaml
${secrets.map((secret) => secretCommand(secret, namespace)).join("\n")}
\`\`\`

Then, and again after each change, the rest; without \`-n\`, because not all of it is in one namespace:

\`\`\`sh
${applied.map((path) => `kubectl apply -f ${folder}/${path}`).join("\n")}
\`\`\`

Pods see a changed Secret when they start: \`kubectl rollout restart deployment ${RALPH} -n ${namespace}\`.

What the cluster must have before:

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
])}
`;
}

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

/** From the variable of that name; what has no variable's name is a file's text. */
const secretField = (key: string): string =>
  /^[A-Z_]+$/.test(key) ? `--from-literal=${key}="$${key}"` : `--from-file=${key}=...`;
