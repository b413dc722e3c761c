import { z } from "zod";
import { cidr, port } from "../../config/formats";
import { section, warning } from "./section";

export const networkPolicy = section({
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: "If false, Ralph's agents can reach whatever the nodes can reach." }),
  allow: z
    .array(
      section({
        cidr: cidr.meta({ description: "Address range; closed ranges within it stay closed." }),
        ports: z.array(port).min(1).meta({ description: "TCP ports." }),
      }),
    )
    .default([])
    .meta({
      description: "Destinations besides DNS and HTTPS on the internet, such as `0.0.0.0/0` port 22 for git.",
    }),
  deny: z.array(cidr).default([]).meta({
    description: "Ranges to close besides private and metadata addresses; takes precedence over `allow`.",
  }),
})
  .prefault({})
  .meta({ description: "The NetworkPolicy of every Ralph pod." });

export const warnings = [
  warning({ networkPolicy }, ({ networkPolicy: { enabled } }, { networkPolicy: { enforced } }) =>
    enabled && !enforced
      ? [
          "The cluster does not enforce network policies: Ralph's agents can reach whatever its nodes can reach.",
        ]
      : [],
  ),
];
