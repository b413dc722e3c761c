import { z } from "zod";
import { findIf, forbidden, invalid, required } from "../../config/findings";
import { dnsLabel, dnsSubdomain, ingressHost, stringMap, wholeCidr } from "../../config/formats";
import { rule, section, warning } from "./section";

/** Annotations by which a controller encrypts without `tls`: of AWS, Google and AKS. */
const CERTIFICATES = [
  "alb.ingress.kubernetes.io/certificate-arn",
  "networking.gke.io/managed-certificates",
  "networking.gke.io/certmap",
  "ingress.gcp.kubernetes.io/pre-shared-cert",
  "kubernetes.azure.com/tls-cert-keyvault-uri",
];

/** What the API server rejects in a path whose type it implements. */
const INVALID_PATH = /\/\/|\/\.{1,2}(\/|$)|%2f/i;

export const ingress = section({
  enabled: z.boolean().default(false).meta({ description: "If true, at least one host is required." }),
  className: dnsSubdomain.optional().meta({ description: "Ingress class. Defaults to the cluster's." }),
  annotations: stringMap
    .default({})
    .meta({ description: "Annotations for the controller; they override the cluster's." }),
  hosts: z
    .array(
      section({
        host: ingressHost.meta({ description: "Host name, which may begin with `*.`." }),
        paths: z
          .array(
            section({
              path: z
                .string()
                .startsWith("/", "must begin with '/'")
                .default("/")
                .meta({ description: "Path that is routed to Ralph." }),
              pathType: z
                .enum(["Prefix", "Exact", "ImplementationSpecific"])
                .default("Prefix")
                .meta({ description: "How the path is matched." }),
            }),
          )
          .min(1)
          .default([{ path: "/", pathType: "Prefix" }])
          .meta({ description: "Paths of the host." }),
      }),
    )
    .default([])
    .meta({ description: "Hosts that are routed to Ralph." }),
  certManager: section({
    clusterIssuer: dnsSubdomain.optional().meta({ description: "A ClusterIssuer." }),
    issuer: dnsSubdomain.optional().meta({ description: "An Issuer in Ralph's namespace." }),
  })
    .prefault({})
    .meta({ description: "Has cert-manager issue the certificates of `tls`." }),
  tls: z
    .array(
      section({
        secretName: dnsSubdomain.optional().meta({
          description: "Secret with the certificate. Defaults to the controller's own certificate.",
        }),
        hosts: z.array(ingressHost).min(1).meta({ description: "Hosts of the certificate." }),
      }),
    )
    .default([])
    .meta({ description: "Certificates of the hosts." }),
  from: section({
    namespaces: z
      .array(dnsLabel())
      .default([])
      .meta({ description: "Namespaces of the controller's pods, such as `traefik`." }),
    cidrs: z.array(wholeCidr).default([]).meta({ description: "Address ranges of other sources." }),
  })
    .prefault({})
    .meta({ description: "Sources of the controller's requests, besides those of the cluster's class." }),
})
  .prefault({})
  .meta({ description: "Ingress for the status page. No path leads to the metrics." });

export const rules = [
  rule({ ingress }, ({ ingress: { certManager, tls } }) => {
    const { clusterIssuer, issuer } = certManager;
    const at = ["ingress", "certManager"];
    return [
      ...findIf(clusterIssuer !== undefined && issuer !== undefined, () =>
        forbidden([...at, "issuer"], "only one of clusterIssuer and issuer can issue a certificate"),
      ),
      ...findIf((clusterIssuer ?? issuer) !== undefined && tls.length === 0, () =>
        required(
          ["ingress", "tls"],
          { at: ["ingress", "tls", 0, "hosts", 0], value: "<host>" },
          "cert-manager issues the certificates that it names",
        ),
      ),
      ...((clusterIssuer ?? issuer) === undefined
        ? []
        : tls.flatMap(({ secretName }, i) =>
            findIf(secretName === undefined, () =>
              required(
                ["ingress", "tls", i, "secretName"],
                { at: ["ingress", "tls", i, "secretName"], value: "ralph-tls" },
                "cert-manager writes the certificate into that Secret",
              ),
            ),
          )),
    ];
  }),
  rule({ ingress }, ({ ingress: { enabled, hosts, tls } }) => [
    ...findIf(enabled && hosts.length === 0, () =>
      required(
        ["ingress", "hosts"],
        { at: ["ingress", "hosts", 0, "host"], value: "ralph.example.com" },
        "ingress.enabled needs at least one host",
      ),
    ),
    ...hosts.flatMap(({ paths }, i) =>
      paths.flatMap(({ path, pathType }, j) =>
        findIf(pathType !== "ImplementationSpecific" && INVALID_PATH.test(path), () =>
          invalid(
            ["ingress", "hosts", i, "paths", j, "path"],
            path,
            `must not contain '//', '/.', '/..' or an encoded '/', because its type is ${pathType}`,
            "<path>",
          ),
        ),
      ),
    ),
    ...tls.flatMap((entry, i) =>
      entry.hosts.flatMap((host, j) =>
        findIf(!hosts.some((served) => served.host === host), () =>
          invalid(
            ["ingress", "tls", i, "hosts", j],
            host,
            "must be one of ingress.hosts",
            hosts[0]?.host ?? "<host>",
          ),
        ),
      ),
    ),
  ]),
];

export const warnings = [
  warning({ ingress }, ({ ingress: { enabled, annotations, hosts, tls } }) => {
    const encrypted = new Set(tls.flatMap((entry) => entry.hosts));
    const plain = hosts.map(({ host }) => host).filter((host) => !encrypted.has(host));
    return enabled && plain.length > 0 && !CERTIFICATES.some((name) => name in annotations)
      ? [
          `The status page of ${plain.join(", ")} is served without encryption: add a certificate in ingress.tls, ` +
            "or the annotation by which the controller takes one.",
        ]
      : [];
  }),
  // A user who names a class knows which controller serves it.
  warning({ ingress }, ({ ingress: { enabled, className } }, { ingress: cluster }) =>
    enabled && className === undefined && cluster.missing !== undefined
      ? [
          `The cluster has no controller for an Ingress of class ${cluster.className}: install ${cluster.missing}. ` +
            `If it is installed already: pulumi config set --path ralph:ingress.className ${cluster.className}`,
        ]
      : [],
  ),
];
