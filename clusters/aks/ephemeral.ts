import type { Ephemeral } from "../types";
import type { Config } from "./config";

/** D2s_v5 is the smallest size of a current series that a system pool supports. */
export const ephemeral: Ephemeral<Config> = {
  defaults: ({ name, tags }) => ({
    name,
    resourceGroup: name,
    dnsPrefix: name,
    tags,
    deletionProtection: false,
    tier: "Free",
    zones: [],
    nodes: { count: 2, min: 1, max: 2, machineType: "Standard_D2s_v5", diskGb: 50 },
    // Azure keeps the logs of a workspace for at least 30 days, and a deleted workspace for two more weeks.
    logs: { categories: [] },
  }),
  without: ["kmsKey", "kmsVault"],
};
