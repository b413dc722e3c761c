import { z } from "zod";
import { findIf, required } from "../../config/findings";
import { dnsLabel, dnsSubdomain, ingressHost, stringMap, wholeCidr } from "../../config/formats";
import { rule, section } from "./section";

export const gateway = section({
  enabled: z.boolean().default(false).meta({
    description: "If true, at least one Gateway is required. Needs the kinds of Gateway API in the cluster.",
  }),
  parentRefs: z
    .array(
      section({
        name: dnsSubdomain.meta({ description: "Its name." }),
        namespace: dnsLabel().optional().meta({ description: "Its namespace. Defaults to Ralph's." }),
        sectionName: dnsSubdomain
          .optional()
          .meta({ description: "The listener, such as `https`. Defaults to all that accept the route." }),
      }),
    )
    .default([])
    .meta({ description: "Gateways that route to Ralph." }),
  hosts: z
    .array(ingressHost)
    .default([])
    .meta({ description: "Host names of the route. Defaults to those of the listeners." }),
  annotations: stringMap.default({}).meta({ description: "Annotations of the route." }),
  from: section({
    namespaces: z.array(dnsLabel()).default([]).meta({
      description: "Namespaces of the gateways' pods, if they are not those of the Gateways.",
    }),
    cidrs: z.array(wholeCidr).default([]).meta({
      description: "Address ranges of other sources, such as the proxies of a cloud's internal gateway.",
    }),
  })
    .prefault({})
    .meta({ description: "Sources of the gateways' requests, besides the cloud's own load balancers." }),
})
  .prefault({})
  .meta({ description: "HTTPRoute for the status page, in place of an Ingress or beside it." });

export const rules = [
  rule({ gateway }, ({ gateway: { enabled, parentRefs } }) =>
    findIf(enabled && parentRefs.length === 0, () =>
      required(
        ["gateway", "parentRefs"],
        { at: ["gateway", "parentRefs", 0, "name"], value: "<Gateway>" },
        "gateway.enabled needs at least one Gateway",
      ),
    ),
  ),
];
