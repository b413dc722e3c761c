import type { PluginTable } from "../types";
import { ACCOUNT, CALLER, PARTITION } from "./refusals";

export const invokes: PluginTable["invokes"] = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": ({ region }, { config }) => {
    const regionName = String(region ?? config.region);
    const zones = ["a", "b", "c", "d"];
    return {
      id: regionName,
      region: regionName,
      groupNames: [regionName],
      names: zones.map((zone) => regionName + zone),
      zoneIds: zones.map((_, i) => `${regionName}-az${i + 1}`),
    };
  },
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: ACCOUNT,
    accountId: ACCOUNT,
    arn: CALLER,
    userId: "AIDASTUB",
  }),
  "aws:index/getPartition:getPartition": () => ({
    id: PARTITION,
    partition: PARTITION,
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getRegion:getRegion": ({ region }, { config }) => ({
    id: region ?? config.region,
    name: region ?? config.region,
    region: region ?? config.region,
    endpoint: `ec2.${region ?? config.region}.amazonaws.com`,
  }),
};
