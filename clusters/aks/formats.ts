import type { Path } from "../../config/path";
import type { Finding } from "../findings";
import type { Config } from "./config";
import { parseMachineType } from "./machine-types";

/** What a value must look like, and one that does. */
interface Format {
  readonly holds: RegExp | ((value: string) => boolean);
  readonly rule: string;
  readonly example: string;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const name: Format = {
  holds: /^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
  rule: "must be 1 to 63 letters, digits, '-' and '_', a letter or digit first and last",
  example: "ralph-cluster",
};
const resourceGroup: Format = {
  holds: /^[-\w.()]{0,89}[-\w()]$/,
  rule: "must be 1 to 90 letters, digits, '-', '_', '(', ')' and '.', no '.' last",
  example: "ralph-rg",
};
const dnsPrefix: Format = {
  holds: /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$/,
  rule: "must be 1 to 54 letters, digits and '-', a letter or digit first and last",
  example: "ralph",
};
const version: Format = {
  holds: /^1\.\d{2}(\.\d+)?$/,
  rule: "must be a version such as 1.35 or 1.35.2, in quotes in a stack file",
  example: "1.35",
};
const pool = (example: string): Format => ({
  holds: /^[a-z][a-z0-9]{0,11}$/,
  rule: "must be 1 to 12 lower-case letters and digits, a letter first",
  example,
});
const size: Format = {
  holds: (value) => parseMachineType(value) !== undefined,
  rule: "must be a size of Azure, such as Standard_D4s_v5",
  example: "Standard_D4s_v5",
};
const zone: Format = { holds: /^[123]$/, rule: "must be 1, 2 or 3", example: "1" };
const objectId: Format = {
  holds: UUID,
  rule: "must be the object id of a user, group or service principal: a UUID",
  example: "<object id>",
};
const start: Format = {
  holds: /^([01]\d|2[0-3]):[0-5]\d$/,
  rule: "must be a time such as 08:00",
  example: "08:00",
};
const utcOffset: Format = {
  holds: /^[+-](0\d|1[0-4]):[0-5]\d$/,
  rule: "must be an offset such as +00:00 or -07:00",
  example: "+00:00",
};
const kmsKey: Format = {
  holds: /^https:\/\/[a-z0-9-]{3,24}\.vault\.azure\.net\/keys\/[^/]+\/[0-9a-f]{32}$/,
  rule: "must be the id of a Key Vault key with its version",
  example: "https://<vault>.vault.azure.net/keys/<key>/<version>",
};
const kmsVault: Format = {
  holds: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i,
  rule: "must be the resource id of a Key Vault",
  example: "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.KeyVault/vaults/<vault>",
};

const values = (config: Config): readonly (readonly [Path, string | undefined, Format])[] => [
  [["name"], config.name, name],
  [["resourceGroup"], config.resourceGroup, resourceGroup],
  [["dnsPrefix"], config.dnsPrefix, dnsPrefix],
  [["version"], config.version, version],
  [["pools", "system"], config.pools.system, pool("nodepool1")],
  [["pools", "spot"], config.pools.spot, pool("spot")],
  [["nodes", "machineType"], config.nodes.machineType, size],
  [["system", "machineType"], config.system.machineType, size],
  [["maintenance", "start"], config.maintenance.start, start],
  [["maintenance", "utcOffset"], config.maintenance.utcOffset, utcOffset],
  [["kmsKey"], config.kmsKey, kmsKey],
  [["kmsVault"], config.kmsVault, kmsVault],
  ...config.zones.map((value, i) => [["zones", i], value, zone] as const),
  ...config.admins.map((admin, i) => [["admins", i, "objectId"], admin.objectId, objectId] as const),
];

export const formats = (config: Config): Finding[] =>
  values(config).flatMap(([at, value, { holds, rule, example }]) =>
    value === undefined || (typeof holds === "function" ? holds(value) : holds.test(value))
      ? []
      : [{ at, rule: `${rule}; it is ${JSON.stringify(value)}`, value: example }],
  );
