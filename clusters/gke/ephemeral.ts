import { violation } from "../findings";
import type { Ephemeral } from "../types";
import type { Config } from "./config";
import { isLocation, isZone } from "./location";

/**
 * A zonal cluster, whose control plane the free tier pays. Of e2-medium, the smallest type that the guide
 * allows, system pods leave less than the core that a pod of Ralph asks for.
 */
export const ephemeral: Ephemeral<Config> = {
  defaults: ({ name, tags }) => ({
    name,
    serviceAccount: `${name}-nodes`,
    tags,
    deletionProtection: false,
    zones: [],
    nodes: { count: 2, min: 1, max: 2, machineType: "e2-standard-2", diskGb: 50 },
    // The project keeps logs as long as it keeps all; these are fewer.
    logs: ["SYSTEM_COMPONENTS", "WORKLOADS"],
  }),
  without: ["kmsKey"],
  check: ({ location }) =>
    isLocation(location) && !isZone(location)
      ? [
          violation({
            at: ["location"],
            rule: `${location} is a region, three of everything; an ephemeral cluster is in one zone`,
            value: `${location}-b`,
          }),
        ]
      : [],
};
