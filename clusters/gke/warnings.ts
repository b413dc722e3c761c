import { versionWarnings, VERSIONS } from "../versions";
import { type Config, FILESTORE_GIB } from "./config";
import { zoneCount } from "./location";

/** What GKE accepts but a user may not want, each with its fix. */
export function warnings(config: Config): string[] {
  const { version, nodes, api, storage } = config;
  const { enabled, tier } = storage.filestore;
  const zones = zoneCount(config);
  return [
    ...(enabled
      ? [
          `Filestore creates every ${tier} volume with at least ${FILESTORE_GIB[tier]} GiB and bills that, ` +
            `whatever a claim requests. To do without: ${set("storage.filestore.enabled", "false")}`,
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
