import { z } from "zod";
import type { ClusterTraits, Snapshots } from "../../clusters/types";
import { findIf, forbidden, invalid, required } from "../../config/findings";
import { cron, dnsSubdomain, matching } from "../../config/formats";
import { persistence } from "./persistence";
import { clusterRule, rule, section } from "./section";

export const backup = section({
  enabled: z.boolean().default(false).meta({
    description:
      "Takes snapshots of the workspace's claim. Needs a CSI driver that takes them, and is billed by the size of what has changed.",
  }),
  schedule: cron.default("0 * * * *").meta({ description: "When a snapshot is taken." }),
  keep: z.int().min(1).max(500).default(24).meta({ description: "Number of snapshots that are kept." }),
  snapshotClass: dnsSubdomain.optional().meta({
    description:
      "VolumeSnapshotClass with the deletion policy Delete. Defaults to the one that the stack creates on a cluster of its own.",
  }),
  copy: section({
    region: matching(/^[a-z][a-z0-9-]*$/, "must be the name of a region")
      .optional()
      .meta({
        description:
          "Region in which copies are kept, another one than the cluster's. Without it there are none.",
      }),
    snapshotClass: dnsSubdomain.optional().meta({
      description:
        "In place of `region`: a VolumeSnapshotClass of yours that stores its snapshots elsewhere.",
    }),
    schedule: cron.default("0 3 * * *").meta({ description: "When a copy is made." }),
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .meta({ description: "Days for which a copy is kept." }),
  }).prefault({}),
})
  .prefault({})
  .meta({ description: "Backups of the workspace: docs/backup.md." });

interface Volume {
  readonly workspace: Pick<z.output<typeof persistence>["workspace"], "accessMode">;
}

/** How the workspace's volume is backed up; undefined if the program does not know its driver. */
export const snapshotsOf = (
  { workspace }: Volume,
  { snapshots }: Pick<ClusterTraits, "snapshots">,
): Snapshots | undefined => (workspace.accessMode === "ReadWriteMany" ? snapshots?.rwx : snapshots?.rwo);

const isDaily = (known: Snapshots | undefined): boolean =>
  known !== undefined && "copies" in known && known.copies === "daily";
const DAILY = /^\d{1,2} \d{1,2} \* \* \*$/;

export const rules = [
  rule({ backup, persistence }, ({ backup: { enabled, copy }, persistence: { enabled: persistent } }) => [
    ...findIf(enabled && !persistent, () =>
      invalid(
        ["backup", "enabled"],
        enabled,
        "must be false while persistence.enabled is false: there is no volume",
        "false",
      ),
    ),
    ...(["region", "snapshotClass"] as const).flatMap((key) =>
      findIf(!enabled && copy[key] !== undefined, () =>
        forbidden(["backup", "copy", key], "backup.enabled is false"),
      ),
    ),
    ...findIf(copy.region !== undefined && copy.snapshotClass !== undefined, () =>
      forbidden(["backup", "copy", "region"], "backup.copy.snapshotClass says where copies are"),
    ),
  ]),
  clusterRule(
    { backup, persistence },
    ({ backup: { enabled, snapshotClass, copy }, persistence: volumes }, traits) => {
      if (!enabled || !volumes.enabled) return [];
      const known = snapshotsOf(volumes, traits);
      const none = known !== undefined && "none" in known ? known.none : undefined;
      return [
        ...findIf(known === undefined && snapshotClass === undefined, () =>
          required(
            ["backup", "snapshotClass"],
            "<class>",
            "kubectl get volumesnapshotclasses lists the cluster's",
          ),
        ),
        ...findIf(none !== undefined && snapshotClass === undefined, () =>
          invalid(["backup", "enabled"], enabled, `must be false: ${none}`, "false"),
        ),
        ...findIf(copy.region !== undefined && (known === undefined || none !== undefined), () =>
          forbidden(
            ["backup", "copy", "region"],
            none ??
              "the stack creates no class on a cluster that is not its own; backup.copy.snapshotClass names one",
          ),
        ),
        ...findIf(copy.region !== undefined && copy.region === traits.snapshots?.region, () =>
          invalid(["backup", "copy", "region"], copy.region, "must not be the cluster's own"),
        ),
        ...findIf(copy.region !== undefined && isDaily(known) && !DAILY.test(copy.schedule), () =>
          invalid(
            ["backup", "copy", "schedule"],
            copy.schedule,
            "must be a time of each day: a service of the cloud makes the copies",
            "0 3 * * *",
          ),
        ),
      ];
    },
  ),
];
