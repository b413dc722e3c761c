import { createHmac } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { mirrored } from "../../lib/image";
import { STATUS_PORT } from "../../runner/src/contract";
import { podSettings, proxyVariables, RESTRICTED, scheduling, trustedCAVolume, trustsMore } from "../fit";
import { LOGIN, LOGIN_KEYS, LOGIN_LABELS, STATUS_SERVICE } from "../names";
import { pullSecrets, type Scope } from "../scope";
import { HTTP_PORT, publishers } from "../way-in";
import { resolvers } from "./networkpolicy";

/** oauth2-proxy's own. */
const PORT = 4180;
/** The user of its image. */
const USER = 65532;
const CA = "/etc/trusted-ca";

/**
 * A login before the status page: oauth2-proxy, which lets users of an OpenID Connect issuer through. It keeps sessions in
 * encrypted cookies, so it needs no volume.
 */
export function login(scope: Scope, dependsOn: readonly pulumi.Resource[]): pulumi.Resource[] {
  const { name, config, options } = scope;
  if (!config.login.enabled) return [];
  const before = [policy(scope), ...dependsOn].filter((each) => each !== undefined);
  const deployment = new Deployment(
    `${name}-login`,
    {
      metadata: metadata(scope),
      spec: {
        replicas: 1,
        selector: { matchLabels: LOGIN_LABELS },
        template: {
          metadata: { labels: metadata(scope).labels, annotations: loginChecksum(scope) },
          spec: pod(scope),
        },
      },
    },
    options({ dependsOn: before }),
  );
  const service = new Service(
    `${name}-login-service`,
    {
      metadata: metadata(scope),
      spec: {
        type: "ClusterIP",
        selector: LOGIN_LABELS,
        ports: [{ name: "http", port: HTTP_PORT, targetPort: PORT }],
      },
    },
    options({ dependsOn: deployment }),
  );
  return [deployment, service];
}

/** As of every object, but with labels of its own. */
function metadata({ metadata: of }: Scope) {
  const { labels, ...rest } = of(LOGIN);
  return { ...rest, labels: { ...labels, "app.kubernetes.io/name": LOGIN, ...LOGIN_LABELS } };
}

function pod(scope: Scope): core.v1.PodSpec {
  const { config } = scope;
  const { clientId, emailDomains, existingSecret, image, issuer } = config.login;
  const secrets = pullSecrets(scope);
  const ca = trustsMore(config);
  const fromSecret = (variable: string, key: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: existingSecret ?? LOGIN, key } },
  });
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(secrets.length > 0 ? { imagePullSecrets: secrets } : {}),
    ...scheduling(scope),
    ...podSettings(scope),
    containers: [
      {
        name: "oauth2-proxy",
        image: mirrored(config.image.registry, image),
        args: [
          "--provider=oidc",
          `--oidc-issuer-url=${issuer}`,
          `--client-id=${clientId}`,
          ...emailDomains.map((domain) => `--email-domain=${domain}`),
          `--upstream=http://${STATUS_SERVICE}`,
          `--http-address=0.0.0.0:${PORT}`,
          // Behind an Ingress or a gateway, whose headers have the host and the scheme of the request.
          "--reverse-proxy=true",
          "--skip-provider-button=true",
          "--code-challenge-method=S256",
          // The page needs nothing of the user's.
          "--pass-user-headers=false",
          "--pass-basic-auth=false",
          ...(ca ? [`--provider-ca-file=${CA}/ca.crt`, "--use-system-trust-store=true"] : []),
        ],
        env: [
          fromSecret("OAUTH2_PROXY_CLIENT_SECRET", LOGIN_KEYS.clientSecret),
          fromSecret("OAUTH2_PROXY_COOKIE_SECRET", LOGIN_KEYS.cookieSecret),
          ...proxyVariables(config),
        ],
        ports: [{ name: "http", containerPort: PORT }],
        livenessProbe: { httpGet: { path: "/ping", port: PORT } },
        readinessProbe: { httpGet: { path: "/ready", port: PORT } },
        resources: {
          requests: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "16Mi" },
          limits: { cpu: "200m", memory: "128Mi", "ephemeral-storage": "64Mi" },
        },
        securityContext: RESTRICTED,
        ...(ca ? { volumeMounts: [{ name: "trusted-ca", mountPath: CA, readOnly: true }] } : {}),
      },
    ],
    ...(ca ? { volumes: [trustedCAVolume(config)] } : {}),
  };
}

export function loginSecret(scope: Scope): Secret | undefined {
  const { enabled, clientSecret } = scope.config.login;
  if (!enabled || clientSecret === undefined) return undefined;
  return new Secret(
    `${scope.name}-login`,
    {
      metadata: metadata(scope),
      type: "Opaque",
      stringData: {
        [LOGIN_KEYS.clientSecret]: clientSecret,
        // Derived, so that it survives every update: another one would end all sessions.
        [LOGIN_KEYS.cookieSecret]: pulumi.output(clientSecret).apply(cookieSecret),
      },
    },
    scope.options(),
  );
}

/** 32 bytes, for AES-256. */
const cookieSecret = (clientSecret: string): string =>
  createHmac("sha256", clientSecret).update("cookie").digest("base64url");

/** Another secret restarts the pod. */
export const loginChecksum = ({
  config: {
    login: { clientSecret },
  },
}: Scope): Record<string, pulumi.Output<string>> =>
  clientSecret === undefined
    ? {}
    : {
        "checksum/secrets": pulumi.unsecret(
          pulumi
            .output(clientSecret)
            .apply((text) => createHmac("sha256", text).update("checksum").digest("hex")),
        ),
      };

/** From what publishes the page; to the page, the issuer and DNS. */
function policy(scope: Scope): NetworkPolicy | undefined {
  const { name, config, selector, options } = scope;
  if (!config.networkPolicy.enabled) return undefined;
  const tcp = (port: number) => ({ protocol: "TCP", port });
  const from = publishers(scope);
  return new NetworkPolicy(
    `${name}-login-policy`,
    {
      metadata: metadata(scope),
      spec: {
        podSelector: { matchLabels: LOGIN_LABELS },
        policyTypes: ["Ingress", "Egress"],
        ...(from.length > 0 ? { ingress: [{ from, ports: [tcp(PORT)] }] } : {}),
        egress: [
          resolvers(scope),
          { to: [{ podSelector: { matchLabels: selector.worker } }], ports: [tcp(STATUS_PORT)] },
          // The issuer may be the company's own, in a private range.
          {
            to: [
              { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
              { ipBlock: { cidr: "::/0", except: ["fe80::/10", "fd00:ec2::/32"] } },
            ],
            ports: [tcp(443)],
          },
        ],
      },
    },
    options(),
  );
}
