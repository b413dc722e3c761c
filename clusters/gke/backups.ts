import { ownTags } from "../scope";
import type { BackupPlan, Backups, Snapshots } from "../types";
import type { Config } from "./config";
import { regionOf } from "./location";
import { labelValue } from "./scope";

const SNAPSHOT_CLASS = "ralph-snapshots";
const COPY_CLASS = "ralph-copies";

const BOTH: Snapshots = { className: SNAPSHOT_CLASS, copies: { className: COPY_CLASS } };

export const snapshots = ({ location, storage }: Config) => ({
  region: regionOf(location),
  rwo: BOTH,
  ...(storage.filestore.enabled ? { rwx: BOTH } : {}),
});

/**
 * The classes for disks, or for Filestore. Both can store in another region at once, so that copies need no service.
 * https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver/blob/master/pkg/parameters/constants.go
 * https://github.com/kubernetes-sigs/gcp-filestore-csi-driver/blob/master/pkg/util/util.go
 */
export function prepareBackups({ volume, copy }: BackupPlan): Backups {
  const { driver, parameters, location } = WAYS[volume];
  return {
    classes: [
      { name: SNAPSHOT_CLASS, driver, parameters: parameters() },
      ...(copy === undefined
        ? []
        : [{ name: COPY_CLASS, driver, parameters: { ...parameters(), [location]: copy.region } }]),
    ],
    after: [],
  };
}

interface Way {
  readonly driver: string;
  readonly parameters: () => Readonly<Record<string, string>>;
  /** The parameter for another region. */
  readonly location: string;
}

const WAYS: Readonly<Record<BackupPlan["volume"], Way>> = {
  rwo: {
    driver: "pd.csi.storage.gke.io",
    parameters: () => ({
      labels: Object.entries(ownTags({}, labelValue))
        .map((pair) => pair.join("="))
        .join(","),
    }),
    location: "storage-locations",
  },
  rwx: {
    driver: "filestore.csi.storage.gke.io",
    // Snapshots in the driver's other sense are a part of the instance.
    parameters: () => ({ type: "backup" }),
    location: "location",
  },
};
