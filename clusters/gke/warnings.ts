import { newerVersionWarnings, VERSIONS } from "../versions";
import { type Config, FILESTORE_GIB } from "./config";
import { zoneCount } from "./location";

/** What is allowed and unwise. */
export function warnings(config: Config): string[] {
  const { version, nodes, api, storage } = config;
  const { enabled, tier } = storage.filestore;
  const zones = zoneCount(config);
  const set = (path: string, value: string) => `pulumi config set --path ralph:cluster.${path} ${value}`;
  return [
    ...(enabled
      ? [
          `Filestore makes every ${tier} volume at least ${FILESTORE_GIB[tier]} GiB, and bills that, whatever a ` +
            `claim asks for. Without it: ${set("storage.filestore.enabled", "false")}`,
        ]
      : []),
    ...newerVersionWarnings(version, VERSIONS.gke),
    ...(zones > nodes.count
      ? [
          `${zones} zones for ${nodes.count} nodes: some zones start empty. ` +
            set("nodes.count", String(zones)),
        ]
      : []),
    ...(api.cidrs.includes("0.0.0.0/0")
      ? [
          `Every address may reach the API server by 0.0.0.0/0. The DNS endpoint asks IAM first: ` +
            `pulumi config rm --path 'ralph:cluster.api.cidrs' && ${set("api.public", "true")}`,
        ]
      : []),
  ];
}
