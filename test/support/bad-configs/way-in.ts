import { BASE } from "../base";
import { type BadConfig, setPath, rm } from "./case";

/** Rules about what publishes the status page. */
export const WAY_IN: readonly BadConfig[] = [
  {
    name: "an ingress without a host",
    config: { ...BASE, ingress: { enabled: true } },
    expected: [
      {
        key: "ralph:ingress.hosts",
        rule: /^is missing: ingress\.enabled needs at least one host$/,
        fix: setPath("'ralph:ingress.hosts[0].host'", "ralph.example.com"),
      },
    ],
  },
  {
    name: "a certificate for a host that is not served",
    config: { ...BASE, ingress: { hosts: [{ host: "a.example.com" }], tls: [{ hosts: ["b.example.com"] }] } },
    expected: [
      {
        key: "ralph:ingress.tls[0].hosts[0]",
        rule: /^must be one of ingress\.hosts; it is "b\.example\.com"$/,
        fix: setPath("'ralph:ingress.tls[0].hosts[0]'", "a.example.com"),
      },
    ],
  },
  {
    name: "a route without a Gateway",
    config: { ...BASE, gateway: { enabled: true } },
    expected: [
      {
        key: "ralph:gateway.parentRefs",
        rule: /^is missing: gateway\.enabled needs at least one Gateway$/,
        fix: setPath("'ralph:gateway.parentRefs[0].name'", "<Gateway>"),
      },
    ],
  },
  {
    name: "cert-manager without a certificate to issue, and with two issuers",
    config: {
      ...BASE,
      ingress: { hosts: [{ host: "a.example.com" }], certManager: { clusterIssuer: "a", issuer: "b" } },
    },
    expected: [
      {
        key: "ralph:ingress.certManager.issuer",
        rule: /^must not be set: only one of clusterIssuer and issuer can issue a certificate$/,
        fix: rm("--path ralph:ingress.certManager.issuer"),
      },
      {
        key: "ralph:ingress.tls",
        rule: /^is missing: cert-manager issues the certificates that it names$/,
        fix: setPath("'ralph:ingress.tls[0].hosts[0]'", "<host>"),
      },
    ],
  },
  {
    name: "cert-manager with nowhere to write the certificate",
    config: {
      ...BASE,
      ingress: {
        hosts: [{ host: "a.example.com" }],
        tls: [{ hosts: ["a.example.com"] }],
        certManager: { clusterIssuer: "letsencrypt" },
      },
    },
    expected: [
      {
        key: "ralph:ingress.tls[0].secretName",
        rule: /^is missing: cert-manager writes the certificate into that Secret$/,
        fix: setPath("'ralph:ingress.tls[0].secretName'", "ralph-tls"),
      },
    ],
  },
  {
    name: "a login without an issuer, a client, users and a way to it",
    config: { ...BASE, login: { enabled: true } },
    expected: [
      {
        key: "ralph:login.issuer",
        rule: /^is missing: it is who asks for the login$/,
        fix: setPath("ralph:login.issuer", "https://<issuer>"),
      },
      {
        key: "ralph:login.clientId",
        rule: /^is missing: the issuer knows clients only$/,
        fix: setPath("ralph:login.clientId", "<client ID>"),
      },
      {
        key: "ralph:login.clientSecret",
        rule: /^is missing: or existingSecret, with the same$/,
        fix: /^pulumi config set --secret --path ralph:login\.clientSecret$/,
      },
      {
        key: "ralph:login.emailDomains",
        rule: /^is missing: without it no one is let in$/,
        fix: setPath("'ralph:login.emailDomains[0]'", "example.com"),
      },
      {
        key: "ralph:ingress.enabled",
        rule: /^is missing: a login needs an Ingress, or a route, that leads to it$/,
        fix: setPath("ralph:ingress.enabled", "true"),
      },
    ],
  },
  {
    name: "a login with two secrets",
    config: { ...BASE, login: { clientSecret: "one", existingSecret: "oidc" } },
    expected: [
      {
        key: "ralph:login.clientSecret",
        rule: /^must not be set: existingSecret "oidc" contains it$/,
        fix: rm("--path ralph:login.clientSecret"),
      },
    ],
  },
  {
    name: "paths that the server rejects",
    config: {
      ...BASE,
      ingress: {
        enabled: true,
        hosts: [
          {
            host: "a.example.com",
            paths: ["/a//b", "/a/../b", "/a/.", "/a%2Fb", "/.well-known/a..b"].map((path) => ({ path })),
          },
          { host: "b.example.com", paths: [{ path: "/a//b", pathType: "ImplementationSpecific" }] },
        ],
      },
    },
    expected: [0, 1, 2, 3].map((i) => ({
      key: `ralph:ingress.hosts[0].paths[${i}].path`,
      rule: /^must not contain .*, because its type is Prefix; it is "\/a/,
      fix: setPath(`'ralph:ingress.hosts[0].paths[${i}].path'`, "<path>"),
    })),
  },
];
