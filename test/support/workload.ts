/** The workload as it is by default and with a changed configuration, for the tests of its objects. */
import { parse } from "yaml";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import { HOST_KEY, KEY_CANARY, PRIVATE_KEY, REMOTE } from "./git";
import { BASE, type StackConfig, runStack, type StackRun } from "./stack";

/** Values that only secret inputs may contain. */
export const CANARIES = {
  claude: "sk-ant-canary-claude",
  gemini: "AIza-canary-gemini",
  q: "canary-q",
  password: "canary-password",
  privateKey: KEY_CANARY,
} as const;

const { claude, gemini, q, password } = CANARIES;
const apiKeys = { claude, gemini, q };
export const DEFAULT: StackConfig = { ...BASE, apiKeys };

/** With everything enabled that is off by default. */
export const EVERYTHING: StackConfig = {
  ...DEFAULT,
  imagePullSecrets: [
    { name: "regcred", server: "ghcr.io", username: "USERNAME", password },
    { name: "gcr-json-key" },
  ],
  git: { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: HOST_KEY },
  ingress: {
    enabled: true,
    hosts: [{ host: "ralph.example.com" }],
    tls: [{ secretName: "ralph-tls", hosts: ["ralph.example.com"] }],
  },
  smoke: { enabled: true },
  argocd: { enabled: true, repoURL: "https://github.com/mikeyobrien/ralph-orchestrator" },
};

/** The warnings of the default configuration, which keeps no result of a task and can have one worker only. */
export const DEFAULT_WARNINGS = [
  "The result of ralph-task is lost with its pod, except the log: set source.repository to work on a " +
    "repository, git.remote to push the result to one, its own output to keep it in a claim, or " +
    "persistence.workspace.accessMode to ReadWriteMany to keep it on the workers' volume.",
  "autoscaling.maxReplicas is 10, but all workers run on the one node that mounts the ReadWriteOnce workspace: there " +
    "are no more than fit there with 1 CPU and 2Gi of memory each. For more: pulumi config set --path " +
    "ralph:persistence.workspace.accessMode ReadWriteMany (an existing claim keeps its mode); for one: pulumi config set " +
    "--path ralph:autoscaling.enabled false",
];

/** The other warnings of a run. */
export const unusual = (texts: readonly string[]): string[] =>
  texts.filter((text) => !/ is lost with its pod|^autoscaling\.maxReplicas /.test(text));

/** The short names of the types. */
export const KIND = {
  application: "kubernetes:argoproj.io/v1alpha1:Application",
  claim: "kubernetes:core/v1:PersistentVolumeClaim",
  configMap: "kubernetes:core/v1:ConfigMap",
  cronJob: "kubernetes:batch/v1:CronJob",
  deployment: "kubernetes:apps/v1:Deployment",
  httpRoute: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  hpa: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  ingress: "kubernetes:networking.k8s.io/v1:Ingress",
  job: "kubernetes:batch/v1:Job",
  namespace: "kubernetes:core/v1:Namespace",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  pdb: "kubernetes:policy/v1:PodDisruptionBudget",
  prometheusRule: "kubernetes:monitoring.coreos.com/v1:PrometheusRule",
  limitRange: "kubernetes:core/v1:LimitRange",
  quota: "kubernetes:core/v1:ResourceQuota",
  role: "kubernetes:rbac.authorization.k8s.io/v1:Role",
  roleBinding: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  secret: "kubernetes:core/v1:Secret",
  service: "kubernetes:core/v1:Service",
  serviceAccount: "kubernetes:core/v1:ServiceAccount",
  serviceMonitor: "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
} as const;

let byDefault: Promise<StackRun> | undefined;
let all: Promise<StackRun> | undefined;

/** One run for all tests that only read it. */
export const defaults = (): Promise<StackRun> => (byDefault ??= runStack({ config: DEFAULT }));
export const everything = (): Promise<StackRun> => (all ??= runStack({ config: EVERYTHING }));

export const changed = (config: StackConfig, cluster: StackConfig = {}): Promise<StackRun> =>
  runStack({ config: { ...DEFAULT, cluster: { ...BASE.cluster, ...cluster }, ...config } });

/** A manifest from YAML, with the annotation that all objects of a namespace have. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- compared as a whole
export function manifest(yaml: string): any {
  const object = parse(yaml) as { metadata?: { namespace?: string; annotations?: object } };
  if (object.metadata?.namespace !== undefined)
    object.metadata.annotations = { ...object.metadata.annotations, ...OWNS_ITS_FIELDS };
  return object;
}

/** The pod template of a Deployment, a Job or a CronJob. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a manifest
export const podOf = ({ inputs }: { inputs: any }): any => (inputs.spec.jobTemplate ?? inputs).spec.template;
