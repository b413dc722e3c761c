import { z } from "zod";
import { findIf, invalid, required } from "../../config/findings";
import { dnsSubdomain, ingressHost, stringMap } from "../../config/formats";
import { rule, section, warning } from "./section";

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
})
  .prefault({})
  .meta({ description: "Ingress for the status page and metrics." });

export const rules = [
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
