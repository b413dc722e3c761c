import { findIf, invalid } from "../../config/findings";
import { quantity } from "../../config/formats";
import { parseQuantity } from "../../config/quantity";
import { rule, section } from "./section";

const KINDS = ["cpu", "memory", "ephemeral-storage"] as const;

export const resources = section({
  requests: section({
    cpu: quantity.default("1").meta({ description: "CPU cores, such as 500m." }),
    memory: quantity.default("2Gi").meta({ description: "Bytes, such as 512Mi." }),
    "ephemeral-storage": quantity
      .default("1Gi")
      .meta({ description: "Bytes for emptyDir volumes and logs." }),
  }).prefault({}),
  limits: section({
    cpu: quantity.default("2").meta({ description: "A pod that needs more is throttled." }),
    memory: quantity.default("4Gi").meta({ description: "A pod that exceeds it is killed." }),
    "ephemeral-storage": quantity.default("10Gi").meta({ description: "A pod that exceeds it is evicted." }),
  }).prefault({}),
})
  .prefault({})
  .meta({ description: "Resources of every Ralph pod." });

export const rules = [
  rule({ resources }, ({ resources: { requests, limits } }) =>
    KINDS.flatMap((kind) =>
      findIf((parseQuantity(requests[kind]) ?? 0) > (parseQuantity(limits[kind]) ?? 0), () =>
        invalid(
          ["resources", "requests", kind],
          requests[kind],
          `must not be above the limit, ${limits[kind]}`,
          { at: ["resources", "limits", kind], value: requests[kind] },
        ),
      ),
    ),
  ),
];
