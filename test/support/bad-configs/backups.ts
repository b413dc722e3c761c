import { BASE } from "../base";
import { type BadConfig, setPath, rm } from "./case";

const NO_CLASS = {
  key: "ralph:backup.snapshotClass",
  rule: /^is missing: kubectl get volumesnapshotclasses lists the cluster's$/,
  fix: setPath("ralph:backup.snapshotClass", "<class>"),
};

/** Rules about backups. */
export const BACKUPS: readonly BadConfig[] = [
  {
    name: "backups on a cluster whose driver is not known",
    config: { ...BASE, backup: { enabled: true } },
    expected: [NO_CLASS],
  },
  {
    name: "copies in a region, on a cluster that is not the stack's",
    config: { ...BASE, backup: { enabled: true, snapshotClass: "csi", copy: { region: "europe-west4" } } },
    expected: [
      {
        key: "ralph:backup.copy.region",
        rule: /^must not be set: the stack creates no class on a cluster that is not its own; backup\.copy\.snapshotClass/,
        fix: rm("--path ralph:backup.copy.region"),
      },
    ],
  },
  {
    name: "backups without a volume",
    config: {
      ...BASE,
      persistence: { enabled: false },
      backup: { enabled: true },
    },
    expected: [
      {
        key: "ralph:backup.enabled",
        rule: /^must be false while persistence\.enabled is false: there is no volume; it is true$/,
        fix: setPath("ralph:backup.enabled", "false"),
      },
    ],
  },
  {
    name: "copies without backups, in two places",
    config: { ...BASE, backup: { copy: { region: "europe-west4", snapshotClass: "far" } } },
    expected: [
      {
        key: "ralph:backup.copy.region",
        rule: /^must not be set: backup\.enabled is false$/,
        fix: rm("--path ralph:backup.copy.region"),
      },
      {
        key: "ralph:backup.copy.snapshotClass",
        rule: /^must not be set: backup\.enabled is false$/,
        fix: rm("--path ralph:backup.copy.snapshotClass"),
      },
      {
        key: "ralph:backup.copy.region",
        rule: /^must not be set: backup\.copy\.snapshotClass says where copies are$/,
        fix: rm("--path ralph:backup.copy.region"),
      },
    ],
  },
  {
    name: "backups of an ephemeral stack",
    config: {
      ...BASE,
      ephemeral: { enabled: true, expires: "2026-11-25T08:00:00Z" },
      backup: { enabled: true, snapshotClass: "csi" },
    },
    expected: [
      {
        key: "ralph:backup.enabled",
        rule: /^must be false when ephemeral\.enabled is true: an ephemeral stack leaves nothing behind; it is true$/,
        fix: setPath("ralph:backup.enabled", "false"),
      },
    ],
  },
];
