import type { Ephemeral } from "../types";
import type { Config } from "./config";

/** One node per zone, without an autoscaler; t3.medium is the smallest type that the guide allows. */
export const ephemeral: Ephemeral<Config> = {
  defaults: ({ name, tags }) => ({
    name,
    tags,
    deletionProtection: false,
    network: { natPerZone: false },
    nodes: { count: 2, min: 2, max: 2, machineType: "t3.medium", diskGb: 50 },
    logs: { retentionDays: 1, types: [] },
  }),
  without: ["kmsKey"],
};
