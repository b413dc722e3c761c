import { z } from "zod";
import { findIf, invalid } from "../../config/findings";
import { dnsSubdomain, quantity } from "../../config/formats";
import { clusterRule, section } from "./section";

const size = (bytes: string) =>
  quantity.default(bytes).meta({ description: "Size of the claim; it can only grow." });

export const persistence = section({
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: "If false, every volume is empty when its pod starts." }),
  storageClass: dnsSubdomain
    .optional()
    .meta({ description: "Storage class of the workspace. Defaults to the cluster's." }),
  workspace: section({
    size: size("10Gi"),
    accessMode: z.enum(["ReadWriteOnce", "ReadWriteMany"]).default("ReadWriteOnce").meta({
      description: "ReadWriteMany spreads the workers over nodes and shares the volume with tasks.",
    }),
    existingClaim: dnsSubdomain
      .optional()
      .meta({ description: "Existing claim to use instead of `ralph-workspace`." }),
  }).prefault({}),
  cache: section({
    kind: z
      .enum(["pvc", "emptyDir"])
      .default("pvc")
      .meta({ description: "A shared claim, or an empty volume in each pod." }),
    size: size("5Gi"),
    storageClass: dnsSubdomain
      .optional()
      .meta({ description: "Defaults to the cluster's class for ReadWriteMany." }),
    existingClaim: dnsSubdomain
      .optional()
      .meta({ description: "Existing claim to use instead of `ralph-cache`." }),
  }).prefault({}),
})
  .prefault({})
  .meta({ description: "The claims `ralph-workspace` and `ralph-cache`." });

const NO_CLASS = "the cluster has no storage class for ReadWriteMany";

export const rules = [
  clusterRule(
    { persistence },
    ({ persistence: { enabled, storageClass, workspace, cache } }, { storageClass: cluster }) => [
      ...findIf(
        enabled &&
          workspace.accessMode === "ReadWriteMany" &&
          !(storageClass ?? cluster.rwx ?? workspace.existingClaim),
        () =>
          invalid(
            ["persistence", "workspace", "accessMode"],
            workspace.accessMode,
            `must be ReadWriteOnce: ${NO_CLASS}`,
            "ReadWriteOnce",
          ),
      ),
      ...findIf(
        enabled && cache.kind === "pvc" && !(cache.storageClass ?? cluster.rwx ?? cache.existingClaim),
        () =>
          invalid(["persistence", "cache", "kind"], cache.kind, `must be emptyDir: ${NO_CLASS}`, "emptyDir"),
      ),
    ],
  ),
];
