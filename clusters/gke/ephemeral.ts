import { invalid } from "../../config/findings";
import { clusterProblems } from "../checks";
import type { Ephemeral } from "../types";
import type { Config } from "./config";
import { isLocation, isZone } from "./location";

/**
 * A zonal cluster, whose control plane the free tier covers. On e2-medium, the smallest type that the guide allows,
 * system pods leave less than the core that a pod of Ralph requests.
 */
export const ephemeral: Ephemeral<Config> = {
  defaults: ({ name, tags }) => ({
    name,
    serviceAccount: `${name}-nodes`,
    tags,
    deletionProtection: false,
    zones: [],
    nodes: { count: 2, min: 1, max: 2, machineType: "e2-standard-2", diskGb: 50 },
    // Logs outlive the cluster for as long as the project keeps logs, so only the most useful ones.
    logs: ["SYSTEM_COMPONENTS", "WORKLOADS"],
  }),
  without: ["kmsKey"],
  check: ({ location }) =>
    isLocation(location) && !isZone(location)
      ? clusterProblems([
          invalid(
            ["location"],
            location,
            "must be a zone: in a region, an ephemeral cluster would have three of everything",
            `${location}-b`,
          ),
        ])
      : [],
};
