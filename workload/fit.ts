import type { core } from "@pulumi/kubernetes/types/input";
import type { ClusterTraits } from "../clusters/types";
import { isMap } from "../config/path";
import type { RalphConfig } from "./keys";
import { TRUSTED_CA_CONFIG_MAP } from "./names";
import type { Scope } from "./scope";

/** What the user's keys add to every Ralph pod, so that it fits the cluster and the network of a company. */

/** What Pod Security `restricted` demands of a container, and a read-only root file system. */
export const RESTRICTED: core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/** The certificates of the user's authorities, as `ca.crt`. */
export const trustedCAVolume = ({ trustedCA: { existingConfigMap, key } }: RalphConfig) => ({
  name: "trusted-ca",
  configMap: { name: existingConfigMap ?? TRUSTED_CA_CONFIG_MAP, items: [{ key, path: "ca.crt" }] },
});

/** Where the certificates of the user's authorities are, and the bundle that has the public ones too. */
const CA = { given: "/etc/ralph/trusted-ca", bundle: "/etc/ralph/ca" } as const;
const BUNDLE = `${CA.bundle}/ca-certificates.crt`;
/** The variables by which programs find a bundle; those of Node.js add to the public authorities, the others replace them. */
const BUNDLE_VARIABLES = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "GIT_SSL_CAINFO",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "AWS_CA_BUNDLE",
] as const;

/** Always reached directly. The address of the API server is in a variable of every pod. */
const DIRECT = [
  "localhost",
  "127.0.0.1",
  "::1",
  ".svc",
  ".cluster.local",
  "$(KUBERNETES_SERVICE_HOST)",
] as const;

export const trustsMore = ({ trustedCA }: RalphConfig): boolean =>
  trustedCA.certificates !== undefined || trustedCA.existingConfigMap !== undefined;

/** The variables for a proxy, under both spellings that programs look for. */
export function proxyVariables({ proxy: { http, https, noProxy } }: RalphConfig): core.v1.EnvVar[] {
  const isDirect = http === undefined && https === undefined;
  return Object.entries({
    HTTP_PROXY: http,
    HTTPS_PROXY: https,
    NO_PROXY: isDirect ? undefined : [...DIRECT, ...noProxy].join(),
  }).flatMap(([name, value]) =>
    value === undefined ? [] : [name, name.toLowerCase()].map((spelled) => ({ name: spelled, value })),
  );
}

/** Variables of Ralph's container. The user's come last and take precedence. */
export const extraVariables = (config: RalphConfig): core.v1.EnvVar[] => [
  ...proxyVariables(config),
  ...(trustsMore(config) ? BUNDLE_VARIABLES.map((name) => ({ name, value: BUNDLE })) : []),
  ...(config.extraEnv as core.v1.EnvVar[]),
];

/** Volumes of the pod, and where Ralph's container mounts them. */
export function extraVolumes(config: RalphConfig): {
  readonly volumes: core.v1.Volume[];
  readonly mounts: core.v1.VolumeMount[];
} {
  const ca: core.v1.Volume[] = trustsMore(config)
    ? [trustedCAVolume(config), { name: "ca", emptyDir: {} }]
    : [];
  return {
    volumes: [...ca, ...(config.extraVolumes as core.v1.Volume[])],
    mounts: [
      ...(ca.length > 0 ? [{ name: "ca", mountPath: CA.bundle, readOnly: true }] : []),
      ...config.extraVolumeMounts,
    ],
  };
}

/** The containers before Ralph: the one that joins the bundle, the user's, and the sidecars. */
export function initContainers(scope: Scope): core.v1.Container[] {
  const { config, image } = scope;
  const join: core.v1.Container = {
    name: "trusted-ca",
    image,
    imagePullPolicy: config.image.pullPolicy,
    command: ["/bin/sh", "-c", `cat /etc/ssl/certs/ca-certificates.crt ${CA.given}/ca.crt > ${BUNDLE}`],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "32Mi" } },
    securityContext: RESTRICTED,
    volumeMounts: [
      { name: "trusted-ca", mountPath: CA.given, readOnly: true },
      { name: "ca", mountPath: CA.bundle },
    ],
  };
  return [
    ...(trustsMore(config) ? [join] : []),
    ...config.initContainers.map(restricted),
    // Native sidecars: they start before Ralph, and do not keep the pod of a finished task alive.
    ...config.sidecars.map((each) => ({ ...restricted(each), restartPolicy: "Always" })),
  ];
}

/** A container of the user's, with what the namespace demands of it. */
const restricted = (container: RalphConfig["sidecars"][number]): core.v1.Container => {
  const { securityContext, ...rest } = container as core.v1.Container & Record<string, unknown>;
  const own = isMap(securityContext) ? securityContext : {};
  return {
    ...rest,
    securityContext: {
      allowPrivilegeEscalation: false,
      ...own,
      capabilities: { drop: ["ALL"], ...(isMap(own.capabilities) ? own.capabilities : {}) },
    },
  };
};

/** The user's RuntimeClass, or that of the cluster's nodes for Ralph. */
export function runtimeClass(
  config: RalphConfig,
  traits: ClusterTraits,
): Pick<core.v1.PodSpec, "runtimeClassName"> {
  const runtimeClassName = config.runtimeClassName ?? traits.scheduling?.runtimeClassName;
  return runtimeClassName === undefined ? {} : { runtimeClassName };
}

/** The pod's own settings. */
export const podSettings = ({ config, traits }: Scope): Partial<core.v1.PodSpec> => ({
  ...(config.priorityClassName === undefined ? {} : { priorityClassName: config.priorityClassName }),
  ...runtimeClass(config, traits),
  ...(config.hostAliases.length === 0 ? {} : { hostAliases: config.hostAliases }),
  ...(Object.keys(config.dnsConfig).length === 0 ? {} : { dnsConfig: config.dnsConfig }),
});

/** The nodes for the pod: those of the cluster's traits, and those of the user. */
export function scheduling({ config, traits }: Scope): Pick<core.v1.PodSpec, "nodeSelector" | "tolerations"> {
  const nodeSelector = { ...traits.scheduling?.nodeSelector, ...config.nodeSelector };
  const tolerations = [...(traits.scheduling?.tolerations ?? []), ...config.tolerations];
  return {
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(tolerations.length > 0 ? { tolerations: tolerations.map((each) => ({ ...each })) } : {}),
  };
}

/** The user's affinity, joined with what the program requires. */
export function affinity(config: RalphConfig, own: core.v1.Affinity = {}): core.v1.Affinity | undefined {
  const given = config.affinity as core.v1.Affinity;
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const termsOf = ({ podAffinity }: core.v1.Affinity) =>
    (podAffinity as core.v1.PodAffinity | undefined)?.[required] as core.v1.PodAffinityTerm[] | undefined;
  const terms = termsOf(own);
  if (terms === undefined) return Object.keys(given).length > 0 ? given : undefined;
  return {
    ...given,
    podAffinity: { ...given.podAffinity, [required]: [...terms, ...(termsOf(given) ?? [])] },
  };
}
