import { versionWarnings, VERSIONS } from "../versions";
import { type Config, FILESTORE_GIB } from "./config";
import { zoneCount } from "./location";
import { pools } from "./pools";

/**
 * What many projects have of SSD_TOTAL_GB in a region; new ones may have 250 GB, and a free trial is given no more:
 * https://github.com/terraform-google-modules/terraform-google-kubernetes-engine/issues/1795
 */
const USUAL_SSD_GB = 500;

/**
 * Size of the first nodes' boot disks that count against SSD_TOTAL_GB. Without them, creation fails; nodes that the
 * autoscaler cannot add later are on the page of the cloud, because the default maximum is beyond the quota as well.
 */
const ssdGb = (config: Config): number =>
  pools(config)
    .filter(({ diskType = "pd-balanced" }) => diskType === "pd-balanced" || diskType === "pd-ssd")
    .reduce(
      (sum, { count, diskGb }) => sum + Math.ceil(count / zoneCount(config)) * zoneCount(config) * diskGb,
      0,
    );

/** What GKE accepts but a user may not want, each with its fix. */
export function warnings(config: Config): string[] {
  const { version, nodes, api, storage } = config;
  const { enabled, tier } = storage.filestore;
  const zones = zoneCount(config);
  const ssd = ssdGb(config);
  return [
    ...(enabled
      ? [
          `Filestore creates every ${tier} volume with at least ${FILESTORE_GIB[tier]} GiB and bills that, ` +
            `whatever a claim requests. To do without: ${set("storage.filestore.enabled", "false")}`,
        ]
      : []),
    ...(ssd > USUAL_SSD_GB
      ? [
          `The first nodes have ${ssd} GB of boot disks, and many projects have a quota SSD_TOTAL_GB of ` +
            `${USUAL_SSD_GB} GB: ${set("nodes.diskType", "pd-standard")}, or request a higher quota.`,
        ]
      : []),
    ...versionWarnings(version, VERSIONS.gke),
    ...(zones > nodes.count
      ? [`${nodes.count} nodes cannot fill ${zones} zones: ${set("nodes.count", String(zones))}`]
      : []),
    ...(api.cidrs.includes("0.0.0.0/0")
      ? [
          "0.0.0.0/0 lets every address reach the API server. On the DNS endpoint, IAM authorizes a caller first: " +
            `pulumi config rm --path ralph:cluster.api.cidrs && ${set("api.public", "true")}`,
        ]
      : []),
  ];
}

const set = (key: string, value: string): string => `pulumi config set --path ralph:cluster.${key} ${value}`;
