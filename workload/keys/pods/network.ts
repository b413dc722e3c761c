import { z } from "zod";
import { ingressHost, matching } from "../../../config/formats";
import { section } from "../section";

const address = z
  .union([z.ipv4(), z.ipv6()], { error: "must be an IP address" })
  .meta({ title: "an IP address" });

export const hostAliases = z
  .array(
    section({
      ip: address.meta({ description: "Address of the hosts." }),
      hostnames: z.array(ingressHost).min(1).meta({ description: "Names of the hosts." }),
    }),
  )
  .default([])
  .meta({ description: "Lines of /etc/hosts in every Ralph pod." });

export const dnsConfig = section({
  nameservers: z
    .array(address)
    .max(3)
    .optional()
    .meta({ description: "Addresses of resolvers, before the cluster's." }),
  searches: z
    .array(matching(/^[\w.-]+$/, "must be a domain"))
    .max(32)
    .optional()
    .meta({ description: "Search domains." }),
  options: z
    .array(
      section({
        name: z.string().min(1).meta({ description: "Its name." }),
        value: z.string().optional().meta({ description: "Its value, if it has one." }),
      }),
    )
    .optional()
    .meta({ description: "Options of the resolver, such as `ndots`." }),
})
  .prefault({})
  .meta({ description: "DNS settings of every Ralph pod, besides the cluster's." });
