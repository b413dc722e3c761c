import { isIP } from "node:net";
import { z } from "zod";
import { findIf, forbidden, required } from "../../../config/findings";
import { matching } from "../../../config/formats";
import { covers } from "../../../lib/cidr";
import { PRIVATE_RANGES } from "../../../lib/private-ranges";
import { networkPolicy } from "../network-policy";
import { rule, section, warning } from "../section";

const proxyAddress = matching(
  /^https?:\/\/([^/@\s]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:\d{1,5}\/?$/,
  "must be http://<host>:<port> or https://<host>:<port>",
);

export const proxy = section({
  https: proxyAddress
    .optional()
    .meta({ description: "Proxy for HTTPS, such as `http://proxy.example.com:3128`." }),
  http: proxyAddress.optional().meta({ description: "Proxy for HTTP." }),
  noProxy: z
    .array(matching(/^[\w.*:/-]+$/, "must be a host, a domain, an address or a range"))
    .default([])
    .meta({ description: "What is reached directly, besides the pod itself and the cluster." }),
})
  .prefault({})
  .meta({ description: "HTTP proxy of Ralph's agents and of git." });

const addresses = ({ https, http }: z.output<typeof proxy>) =>
  Object.entries({ https, http }).flatMap(([key, address]) => {
    if (address === undefined) return [];
    const { hostname, port, protocol } = new URL(address);
    return [{ key, host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) }];
  });

/** The namespace of a name of a Service, `proxy.tools.svc.cluster.local`. */
const namespaceOf = (host: string): string | undefined =>
  /^[^.]+\.([^.]+)\.svc(\.cluster\.local)?$/.exec(host)?.[1];

export const rules = [
  rule({ proxy }, ({ proxy: { https, http } }) =>
    Object.entries({ https, http }).flatMap(([key, address]) =>
      findIf(address?.includes("@") === true, () =>
        forbidden(
          ["proxy", key],
          `it has credentials, which everyone could read in the Deployment; set ${key.toUpperCase()}_PROXY by extraEnv from a Secret`,
        ),
      ),
    ),
  ),
  rule(
    { proxy, networkPolicy },
    ({ proxy: given, networkPolicy: { enabled, internet, allow, allowPods } }) =>
      enabled
        ? addresses(given).flatMap(({ key, host, port }) => {
            const namespace = namespaceOf(host);
            const isOpen = (cidr: string) =>
              allow.some((each) => each.ports.includes(port) && covers(each.cidr, cidr)) ||
              (internet && port === 443 && !PRIVATE_RANGES.some((range) => covers(range, cidr)));
            return [
              ...findIf(isIP(host) === 4 && !isOpen(`${host}/32`), () =>
                required(
                  ["networkPolicy", "allow", allow.length, "cidr"],
                  `${host}/32`,
                  `the network policy closes proxy.${key}, ${host}:${port}`,
                ),
              ),
              ...findIf(
                namespace !== undefined &&
                  !allowPods.some((each) => each.namespace === namespace && each.ports.includes(port)),
                () =>
                  required(
                    ["networkPolicy", "allowPods", allowPods.length, "namespace"],
                    namespace ?? "",
                    `the network policy closes proxy.${key}, ${host}:${port}`,
                  ),
              ),
            ];
          })
        : [],
  ),
];

export const warnings = [
  warning({ proxy, networkPolicy }, ({ proxy: given, networkPolicy: { enabled, allow } }) =>
    enabled
      ? addresses(given)
          .filter(
            ({ host, port }) =>
              isIP(host) === 0 &&
              namespaceOf(host) === undefined &&
              !allow.some(({ ports }) => ports.includes(port)),
          )
          .map(
            ({ key, host, port }) =>
              "The network policy closes private addresses, and every port but 443 of public ones. If that includes " +
              `proxy.${key}, ${host}:${port}, allow its address: networkPolicy.allow[] {cidr: <address>/32, ports: [${port}]}.`,
          )
      : [],
  ),
];
