/**
 * Any configuration that the schemas accept, generated from the schemas themselves, so that a new key needs no change
 * here. Only what a JSON schema cannot express is written out: formats that code checks, and rules between keys.
 */
import * as fc from "fast-check";
import { z } from "zod";
import { covers } from "../../lib/cidr";
import { schema as workload } from "../../workload/keys";
import { KEY, PRIVATE_KEY } from "./git";
import { BASE, type StackConfig } from "./base";

interface Node {
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Node;
  readonly additionalProperties?: Node | false;
}

type Values = Record<string, unknown>;

/** The first address of a range of IPv4. */
const firstOf = (address: string, length: number): string =>
  address
    .split(".")
    .map((part, i) => {
      const size = 2 ** Math.min(8, Math.max(0, 8 * (i + 1) - length));
      return Math.floor(Number(part) / size) * size;
    })
    .join(".");
const bits = (max: number) => fc.integer({ min: 0, max });
const cidr = fc.oneof(
  fc
    .tuple(fc.ipV4(), bits(32))
    .map(([address, length]) => `${firstOf(address, length)}/${length}`)
    // A range inside the closed one of the metadata servers would open it, as configured.
    .filter((range) => !range.startsWith("169.254.")),
  fc.constantFrom("::/0", "2001:db8::/32", "fd00::/8"),
);
const prompt = fc.constantFrom("task.md", "daily-task.md");
const UNITS = { requests: ["100m", "0.5", "1"], limits: ["2", "4000m", "16"] };
const BYTES = { requests: ["64Mi", "1G", "1Gi"], limits: ["2Gi", "4G", "1Ti"] };
const amounts = (side: "requests" | "limits") =>
  fc.record({
    cpu: fc.constantFrom(...UNITS[side]),
    memory: fc.constantFrom(...BYTES[side]),
    "ephemeral-storage": fc.constantFrom(...BYTES[side]),
  });

/** By path, without list indices. */
const BY_HAND: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  resources: fc.record({ requests: amounts("requests"), limits: amounts("limits") }),
  // A limit below the stack's own need is refused: test/workload/quota has its cases.
  "quota.hard": fc.constantFrom({}, { "requests.storage": "1Ti" }),
  // Test machines have no Docker: test/image has its cases.
  "image.build": fc.constant(false),
  "image.agents": fc.constant(undefined),
  "image.packages": fc.constant(undefined),
  "image.base": fc.constant(undefined),
  "persistence.workspace.size": fc.constantFrom("1Gi", "1.5Ti", 1e9),
  "persistence.cache.size": fc.constantFrom("500Mi", "5Gi"),
  "schedules.schedule": fc.constantFrom("0 2 * * *", "*/5 * * * 1-5", "@daily"),
  "schedules.timeZone": fc.constantFrom("UTC", "Europe/Berlin"),
  "tasks.output.size": fc.constantFrom("1Gi", "500Mi"),
  "schedules.output.size": fc.constantFrom("1Gi", "500Mi"),
  "tasks.prompt": prompt,
  "schedules.prompt": prompt,
  "monitoring.serviceMonitor.interval": fc.constantFrom("30s", "1m30s"),
  // Only the real provider renders the chart.
  "monitoring.install": fc.constant("none"),
  // Rules about the shape of what a pod accepts: test/workload/pods has their cases.
  proxy: fc.constantFrom({}, { https: "http://proxy.example.com:3128", noProxy: [".corp.example.com"] }),
  trustedCA: fc.constantFrom({}, { existingConfigMap: "corporate-ca" }),
  extraEnv: fc.constantFrom([], [{ name: "ANTHROPIC_MODEL", value: "claude-sonnet" }]),
  extraEnvFrom: fc.constantFrom([], [{ secretRef: { name: "tokens", optional: true } }]),
  extraVolumes: fc.constantFrom([], [{ name: "tools", emptyDir: {} }]),
  extraVolumeMounts: fc.constant([]),
  initContainers: fc.constantFrom([], [{ name: "clone", image: "alpine/git" }]),
  sidecars: fc.constantFrom([], [{ name: "proxy", image: "envoy", securityContext: { runAsUser: 101 } }]),
  tolerations: fc.constantFrom([], [{ key: "agents", operator: "Exists", effect: "NoSchedule" }]),
  affinity: fc.constantFrom({}, { podAntiAffinity: {} }),
  topologySpreadConstraints: fc.constantFrom(
    [],
    [{ maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" }],
  ),
  dnsConfig: fc.constantFrom({}, { options: [{ name: "ndots", value: "2" }] }),
  hostAliases: fc.constantFrom([], [{ ip: "10.0.0.9", hostnames: ["git.corp.example.com"] }]),
  commonLabels: fc.constantFrom({}, { "cost-centre": "4711" }),
  podLabels: fc.constantFrom({}, { "azure.workload.identity/use": "true" }),
  podAnnotations: fc.constantFrom({}, { "sidecar.istio.io/inject": "false" }),
  serviceAccount: fc.constantFrom({}, { create: false, name: "existing" }, { annotations: { "a/b": "c" } }),
  // Addresses without credentials, and paths that stay in the repository: test/config/formats has the others.
  "argocd.repoURL": fc.constantFrom(
    "https://example.com/a/b.git",
    "git@example.com:a/b",
    "ssh://git@example.com/a",
  ),
  "argocd.path": fc.constantFrom("k8s", "deploy/k8s"),
  "flux.repoURL": fc.constantFrom("https://example.com/a/b.git", "ssh://git@example.com/a"),
  "flux.path": fc.constantFrom("k8s", "deploy/k8s"),
  "argocd.destinationServer": fc.constantFrom("https://kubernetes.default.svc", "https://10.0.0.1:6443"),
  // A class or a region depends on the cluster: test/workload/backup has the cases.
  backup: fc.constantFrom({}, { enabled: false, keep: 3 }),
  // Refused while nothing is installed.
  "monitoring.storage.size": fc.constant(undefined),
  "monitoring.alertmanager": fc.constant({}),
  "monitoring.grafana": fc.constant({}),
  "monitoring.values": fc.constant({}),
  "monitoring.retention": fc.constantFrom("7d", "30d"),
  "monitoring.rules.runbookUrl": fc.constantFrom("https://wiki.example.com/ralph"),
  "monitoring.chartRepository": fc.constantFrom("https://charts.example.com/mirror"),
  // Ralph's own settings, of any shape: test/workload has their cases.
  "config.ralph": fc.constant({}),
  // Only some agents report costs.
  // Each platform has keys of its own: test/workload/models has the cases.
  models: fc.constantFrom(
    {},
    { claude: { via: "vertex", project: "acme-models", model: "claude-sonnet-4-5@20250929" } },
    { claude: { via: "foundry", resource: "acme", model: "claude" }, grant: false },
    { gemini: { via: "vertex", project: "acme-models", region: "europe-west4" } },
  ),
  // Whether the network policy lets a collector through depends on all of its ranges.
  "telemetry.otlp": fc.constant(undefined),
  "config.model": fc.constant(undefined),
  "config.maxCostUsd": fc.constant(undefined),
  "config.maxDailyCostUsd": fc.constant(undefined),
  "tasks.maxCostUsd": fc.constant(undefined),
  // The queue needs the metrics of it.
  "autoscaling.by": fc.constant("cpu"),
  "autoscaling.serverAddress": fc.constantFrom("https://prometheus.example.com"),
  "schedules.maxCostUsd": fc.constant(undefined),
  // Only clusters of a cloud have one: test/clusters/secrets has the cases.
  secretStore: fc.constant({}),
  // A value has hundreds of characters: test/workload/sealedsecret has the cases.
  sealedSecrets: fc.constant([]),
  // Refused beside values: test/workload/externalsecret has the others.
  "apiKeys.externalSecret": fc.constantFrom(undefined, {
    store: { name: "vault" },
    keys: { claude: { key: "ralph/claude" } },
  }),
  "git.privateKey": fc.constant(PRIVATE_KEY),
  "git.knownHosts": fc.constant(`*${KEY}`),
  // Only some clusters know names.
  "networkPolicy.hosts": fc.constant([]),
  "networkPolicy.allow.cidr": cidr,
  "networkPolicy.deny": fc.array(cidr, { maxLength: 3 }),
  // `deny` waits until the server has the policy: test/workload/imagepolicy has its cases.
  "policy.images": fc.constantFrom("off", "warn"),
  "policy.allowedRegistries": fc.constantFrom([], ["registry.example.com/team", "docker.io"]),
  "gateway.from.cidrs": fc.array(cidr, { maxLength: 3 }),
  "ingress.from.cidrs": fc.array(cidr, { maxLength: 3 }),
};

function from(node: Node, path: string): fc.Arbitrary<unknown> {
  const written = BY_HAND[path];
  if (written !== undefined) return written;
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  if (node.properties !== undefined) {
    const keys = Object.entries(node.properties).map(
      ([key, inner]) => [key, from(inner, `${path}.${key}`)] as const,
    );
    return fc.record(Object.fromEntries(keys), { requiredKeys: [...(node.required ?? [])] });
  }
  if (node.items !== undefined) {
    return fc.array(from(node.items, path), { minLength: node.minItems ?? 0, maxLength: 3 });
  }
  if (typeof node.additionalProperties === "object") {
    const key =
      node.propertyNames === undefined ? fc.string({ minLength: 1 }) : from(node.propertyNames, path);
    // The configuration refuses it: test/config has its cases.
    const names = (key as fc.Arbitrary<string>).filter((name) => name !== "__proto__");
    return fc.dictionary(names, from(node.additionalProperties, path), { maxKeys: 3 });
  }
  switch (node.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: node.minimum, max: Math.min(node.maximum ?? Infinity, 2 ** 31 - 1) });
    case "number":
      return fc.integer({ min: Math.max(1, node.minimum ?? 1), max: 1000 }).map((cents) => cents / 4);
    case "string":
      return text(node);
    default:
      throw new Error(`${path}: no values of type ${String(node.type)}`);
  }
}

function text({ pattern, minLength = 0, maxLength = Infinity }: Node): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ minLength, maxLength: 40, unit: "grapheme-ascii" });
  return fc
    .stringMatching(new RegExp(pattern), { size: "small" })
    .filter((generated) => generated.length >= minLength && generated.length <= maxLength);
}

/** Makes a configuration keep the rules between keys, with minimal changes. */
function keepRules(values: Values): Values {
  const {
    autoscaling,
    apiKeys,
    git,
    source,
    imagePullSecrets,
    tasks,
    schedules,
    config,
    monitoring,
    networkPolicy,
    ingress,
    gateway,
    login,
    argocd,
    flux,
  } = values as Record<string, Values & Values[]>;
  const kept: Values = { ...values };
  if (autoscaling !== undefined) {
    const { minReplicas = 1, maxReplicas = 10 } = autoscaling as {
      minReplicas?: number;
      maxReplicas?: number;
    };
    kept.autoscaling = { ...autoscaling, maxReplicas: Math.max(minReplicas, maxReplicas) };
  }
  if (apiKeys?.externalSecret !== undefined) kept.apiKeys = { externalSecret: apiKeys.externalSecret };
  else if (apiKeys?.existingSecret !== undefined) kept.apiKeys = { existingSecret: apiKeys.existingSecret };
  const { remote, branchPrefix, privateKey, knownHosts, token, existingSecret } = git ?? ({} as Values);
  const address = [source?.repository, remote].map((each) => each as string | undefined).find(Boolean);
  const keys =
    address?.startsWith("https:") === true
      ? { token }
      : { privateKey, knownHosts, ...(source?.repository === undefined ? {} : { token }) };
  const complete = Object.values(keys).every((value) => value !== undefined);
  kept.git =
    address === undefined
      ? { branchPrefix }
      : {
          remote,
          branchPrefix,
          forge: "gitea",
          ...(complete ? keys : { existingSecret: existingSecret ?? "deploy" }),
        };
  kept.source =
    source?.repository === undefined
      ? undefined
      : { ...source, pullRequest: { enabled: true, base: "main" } };
  kept.imagePullSecrets = imagePullSecrets?.map(({ server, username, password }, i) => ({
    name: `pull-${i}`,
    ...(server !== undefined && username !== undefined && password !== undefined
      ? { server, username, password }
      : {}),
  }));
  if (networkPolicy !== undefined) {
    const { allow = [], deny = [] } = networkPolicy as { allow?: { cidr: string }[]; deny?: string[] };
    const closes = (range: string): boolean => allow.some((each) => covers(range, each.cidr));
    kept.networkPolicy = { ...networkPolicy, deny: deny.filter((range) => !closes(range)) };
  }
  kept.tasks = tasks?.map(runIn);
  kept.schedules = schedules?.map(runIn);
  if (config?.enableMetrics === false)
    kept.monitoring = { ...monitoring, serviceMonitor: { enabled: false } };
  if (ingress !== undefined) {
    const hosts = ((ingress.hosts as Values[] | undefined) ?? []).map(({ host }) => host);
    kept.ingress = {
      ...ingress,
      hosts: (ingress.hosts as Values[] | undefined)?.map(({ paths, ...host }) => ({
        ...host,
        paths: (paths as { path?: string }[] | undefined)?.map(({ path = "", ...rest }) => ({
          ...rest,
          path: `/${path.replaceAll(/[/.%]/g, "")}`,
        })),
      })),
      enabled: ingress.enabled === true && hosts.length > 0,
      tls: hosts.length > 0 ? [{ hosts }] : [],
      certManager: undefined,
    };
  }
  if (gateway !== undefined)
    kept.gateway = {
      ...gateway,
      enabled: gateway.enabled === true && ((gateway.parentRefs as Values[] | undefined) ?? []).length > 0,
    };
  if (login !== undefined) kept.login = { ...login, enabled: false, existingSecret: undefined };
  if (argocd !== undefined)
    kept.argocd = { ...argocd, enabled: argocd.enabled === true && argocd.repoURL !== undefined };
  // Who owns the workload changes what there is: test/workload/gitops has the cases.
  kept.gitops = {};
  if (flux !== undefined) kept.flux = { ...flux, interval: "1m" };
  return kept;
}

/** A run with a unique name, which ends before its deadline. */
const runIn = (run: Values, i: number): Values => ({
  ...run,
  source: undefined,
  name: `${String(run.name).slice(0, 40).replace(/-+$/, "")}-${i}`,
  maxRuntime: undefined,
});

/** Top-level keys and their values, with the cluster of `BASE`. */
export const anyConfig: fc.Arbitrary<StackConfig> = fc
  .record(
    Object.fromEntries(
      Object.entries(workload).map(([key, schema]) => [
        key,
        from(z.toJSONSchema(schema, { io: "input" }) as Node, key),
      ]),
    ),
    { requiredKeys: [] },
  )
  .map((values) => ({ ...BASE, ...keepRules(values as Values) }));
