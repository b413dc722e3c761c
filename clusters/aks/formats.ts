import type { Format, Formats } from "../../config/checks";
import type { Config } from "./config";
import { parseMachineType } from "./machine-types";

/** A machine type for every pool: of a current series, and with the vCPUs that Azure recommends for system pods. */
export const MACHINE_TYPE = "Standard_D4s_v5";

const pool = (example: string): Format => ({
  holds: /^[a-z][a-z0-9]{0,11}$/,
  rule: "must be 1 to 12 lower-case letters and digits, and start with a letter",
  example,
});
const machineType: Format = {
  holds: (value) => parseMachineType(value) !== undefined,
  rule: `must be an Azure VM size, such as ${MACHINE_TYPE}`,
  example: MACHINE_TYPE,
};

export const FORMATS: Formats<Config> = {
  name: {
    holds: /^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
    rule: "must be 1 to 63 letters, digits, '-' and '_', and start and end with a letter or digit",
    example: "ralph-cluster",
  },
  resourceGroup: {
    holds: /^[-\w.()]{0,89}[-\w()]$/,
    rule: "must be 1 to 90 letters, digits, '-', '_', '(', ')' and '.', and not end with '.'",
    example: "ralph-rg",
  },
  dnsPrefix: {
    holds: /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$/,
    rule: "must be 1 to 54 letters, digits and '-', and start and end with a letter or digit",
    example: "ralph",
  },
  version: {
    holds: /^1\.\d{2}(\.\d+)?$/,
    rule: "must be a version such as 1.35 or 1.35.2, in quotes in a stack file",
    example: "1.35",
  },
  "pools.system": pool("nodepool1"),
  "pools.spot": pool("spot"),
  "nodePools[].name": pool("pool1"),
  "nodes.machineType": machineType,
  "nodePools[].machineType": machineType,
  "network.existing.subnetId": {
    holds:
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i,
    rule: "must be the resource id of a subnet",
    example: "<resource id of the subnet>",
  },
  "system.machineType": machineType,
  "maintenance.start": {
    holds: /^([01]\d|2[0-3]):[0-5]\d$/,
    rule: "must be a time such as 08:00",
    example: "08:00",
  },
  "maintenance.utcOffset": {
    holds: /^[+-](0\d|1[0-4]):[0-5]\d$/,
    rule: "must be an offset such as +00:00 or -07:00",
    example: "+00:00",
  },
  kmsKey: {
    holds: /^https:\/\/[a-z0-9-]{3,24}\.vault\.azure\.net\/keys\/[^/]+\/[0-9a-f]{32}$/,
    rule: "must be the id of a Key Vault key with its version",
    example: "https://<vault>.vault.azure.net/keys/<key>/<version>",
  },
  kmsVault: {
    holds: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i,
    rule: "must be the resource id of a Key Vault",
    example: "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.KeyVault/vaults/<vault>",
  },
  "storage.kmsKey": {
    holds:
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/diskEncryptionSets\/[^/]+$/i,
    rule: "must be the resource id of a DiskEncryptionSet",
    example:
      "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/diskEncryptionSets/<set>",
  },
  "zones[]": { holds: /^[123]$/, rule: "must be 1, 2 or 3", example: "1" },
  "admins[].objectId": {
    holds: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
    rule: "must be the object id, a UUID, of a user, group or service principal",
    example: "<object id>",
  },
};
