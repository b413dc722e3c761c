import { BASE } from "../base";
import { CERTIFICATE } from "../certificate";
import { type BadConfig, rm, setPath } from "./case";

const quoted = (key: string) => (key.includes("[") ? `'ralph:${key}'` : `ralph:${key}`);
const removed = (key: string) => rm(`--path ${quoted(key)}`);
const given = (key: string, value: string) => setPath(quoted(key), value);

/** What would break Pod Security, take over labels, hide the runner's folders, or show a credential. */
export const PODS: readonly BadConfig[] = [
  {
    name: "variables of the program, with two values, and with credentials in plain text",
    config: {
      ...BASE,
      extraEnv: [
        { name: "RALPH_AGENT", value: "claude" },
        { name: "GITHUB_TOKEN", value: "canary" },
        { name: "ENDPOINT", value: "https://user:canary@example.com" },
        { name: "ZONE", value: "a", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "ZONE", value: "b" },
      ],
      extraEnvFrom: [{ secretRef: { name: "a" }, configMapRef: { name: "b" } }],
    },
    expected: [
      {
        key: "ralph:extraEnv[0].name",
        rule: /^must not be a variable of this program; it is "RALPH_AGENT"$/,
        fix: given("extraEnv[0].name", "MY_RALPH_AGENT"),
      },
      ...[1, 2].map((i) => ({
        key: `ralph:extraEnv[${i}].value`,
        rule: /^must not be set: (GITHUB_TOKEN|ENDPOINT) looks like a credential, .* use valueFrom\.secretKeyRef$/,
        fix: removed(`extraEnv[${i}].value`),
      })),
      {
        key: "ralph:extraEnv[3].valueFrom",
        rule: /^must not be set: ZONE has 2 values$/,
        fix: removed("extraEnv[3].valueFrom"),
      },
      {
        key: "ralph:extraEnv[4]",
        rule: /^must be unique; "ZONE" is already listed$/,
        fix: removed("extraEnv[4]"),
      },
      {
        key: "ralph:extraEnvFrom[0]",
        rule: /^must not be set: an entry has either secretRef or configMapRef$/,
        fix: removed("extraEnvFrom[0]"),
      },
    ],
  },
  {
    name: "labels and annotations that the program selects and restarts pods by",
    config: {
      ...BASE,
      commonLabels: { app: "other" },
      podLabels: { "app.kubernetes.io/component": "other" },
      podAnnotations: { "checksum/config": "0" },
    },
    expected: [
      "commonLabels.app",
      'podLabels["app.kubernetes.io/component"]',
      'podAnnotations["checksum/config"]',
    ].map((key) => ({
      key: `ralph:${key}`,
      rule: /^must not be set: this program sets it, and selects or restarts pods by it$/,
      fix: /^pulumi config rm --path /,
    })),
  },
  {
    name: "volumes that the namespace refuses, and mounts that hide the runner",
    config: {
      ...BASE,
      extraVolumes: [
        { name: "host", hostPath: { path: "/" } },
        { name: "workspace", emptyDir: {} },
        { name: "tools", emptyDir: {} },
      ],
      extraVolumeMounts: [
        { name: "tools", mountPath: "/app/./.cache/" },
        { name: "tools", mountPath: "/mnt/../usr" },
        { name: "tool", mountPath: "/mnt/tool" },
      ],
    },
    expected: [
      {
        key: "ralph:extraVolumes[0]",
        rule: /^must have one of configMap, csi, .*Pod Security restricted\); it is \["hostPath"\]$/,
        fix: removed("extraVolumes[0]"),
      },
      {
        key: "ralph:extraVolumes[1].name",
        rule: /^must not be the name of a volume of the pod; it is "workspace"$/,
        fix: given("extraVolumes[1].name", "my-workspace"),
      },
      ...[0, 1].map((i) => ({
        key: `ralph:extraVolumeMounts[${i}].mountPath`,
        rule: /^must not hide a folder of the image or of the runner; it is "/,
        fix: given(`extraVolumeMounts[${i}].mountPath`, "/mnt/tools"),
      })),
      {
        key: "ralph:extraVolumeMounts[2].name",
        rule: /^must be one of host, workspace, tools; it is "tool"$/,
        fix: given("extraVolumeMounts[2].name", "host"),
      },
    ],
  },
  {
    name: "containers that Pod Security refuses, or that have the name of another",
    config: {
      ...BASE,
      initContainers: [
        {
          name: "ralph",
          image: "a",
          securityContext: { privileged: true, runAsUser: 0, capabilities: { add: ["SYS_ADMIN"] } },
        },
        { name: "b", image: "b", env: [{ name: "API_KEY", value: "canary" }] },
      ],
      sidecars: [
        {
          name: "b",
          image: "b",
          ports: [{ hostPort: 80 }],
          securityContext: { seccompProfile: { type: "Unconfined" }, runAsUser: 101 },
        },
      ],
    },
    expected: [
      {
        key: "ralph:initContainers[0].name",
        rule: /^must not be the name of a container of the pod; it is "ralph"$/,
        fix: given("initContainers[0].name", "my-ralph"),
      },
      ...["initContainers[0]", "initContainers[0]", "initContainers[0]", "sidecars[0]"].map(
        (container, i) => {
          const key = `${container}.securityContext.${["privileged", "runAsUser", "capabilities", "seccompProfile"][i]}`;
          return {
            key: `ralph:${key}`,
            rule: /^must comply with Pod Security restricted, which the namespace enforces; it is /,
            fix: removed(key),
          };
        },
      ),
      {
        key: "ralph:initContainers[1].env[0].value",
        rule: /^must not be set: API_KEY looks like a credential/,
        fix: removed("initContainers[1].env[0].value"),
      },
      {
        key: "ralph:sidecars[0].name",
        rule: /^must be unique among the containers; it is "b"$/,
        fix: given("sidecars[0].name", "b-2"),
      },
      {
        key: "ralph:sidecars[0].ports[0].hostPort",
        rule: /^must not be set: the namespace refuses ports of nodes$/,
        fix: removed("sidecars[0].ports[0].hostPort"),
      },
    ],
  },
  {
    name: "tolerations without a meaning",
    config: {
      ...BASE,
      tolerations: [
        { value: "a" },
        { key: "a", operator: "Exists", value: "b", effect: "NoSchedule", tolerationSeconds: 5 },
      ],
    },
    expected: [
      {
        key: "ralph:tolerations[0].operator",
        rule: /^must be Exists without a key; it is "Equal"$/,
        fix: given("tolerations[0].operator", "Exists"),
      },
      {
        key: "ralph:tolerations[1].value",
        rule: /^must not be set: operator Exists matches every value$/,
        fix: removed("tolerations[1].value"),
      },
      {
        key: "ralph:tolerations[1].tolerationSeconds",
        rule: /^must not be set: it is for effect NoExecute$/,
        fix: removed("tolerations[1].tolerationSeconds"),
      },
    ],
  },
  {
    name: "proxies that the network policy closes, and authorities given twice",
    config: {
      ...BASE,
      proxy: { https: "http://10.0.0.5:3128", http: "http://proxy.tools.svc:8080" },
      trustedCA: { existingConfigMap: "ca", certificates: CERTIFICATE },
      serviceAccount: { create: false, annotations: { a: "b" } },
    },
    expected: [
      {
        key: "ralph:networkPolicy.allow[0].cidr",
        rule: /^is missing: the network policy closes proxy\.https, 10\.0\.0\.5:3128$/,
        fix: given("networkPolicy.allow[0].cidr", "10.0.0.5/32"),
      },
      {
        key: "ralph:networkPolicy.allowPods[0].namespace",
        rule: /^is missing: the network policy closes proxy\.http, proxy\.tools\.svc:8080$/,
        fix: given("networkPolicy.allowPods[0].namespace", "tools"),
      },
      {
        key: "ralph:trustedCA.certificates",
        rule: /^must not be set: existingConfigMap "ca" contains them$/,
        fix: removed("trustedCA.certificates"),
      },
      {
        key: "ralph:serviceAccount.annotations",
        rule: /^must not be set: serviceAccount\.create is false/,
        fix: removed("serviceAccount.annotations"),
      },
    ],
  },
  {
    name: "a private key among the certificates, and a proxy with a password",
    config: {
      ...BASE,
      proxy: { https: "http://user:canary@proxy.example.com:3128" },
      git: { ca: "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n" },
      trustedCA: {
        certificates: `${CERTIFICATE}-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n`,
      },
    },
    expected: [
      {
        key: "ralph:proxy.https",
        rule: /^must not be set: it has credentials, .* HTTPS_PROXY by extraEnv from a Secret$/,
        fix: removed("proxy.https"),
      },
      {
        key: "ralph:git.ca",
        rule: /^must be certificates in PEM form, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----$/,
        fix: removed("git.ca"),
      },
      {
        key: "ralph:trustedCA.certificates",
        rule: /^must be certificates in PEM form/,
        fix: removed("trustedCA.certificates"),
      },
    ],
  },
];
