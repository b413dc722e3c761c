import type { PluginTable } from "../types";
import { newestAddon, publicParameter, SSM_PARAMETER } from "./published";
import { zoneId, zonesIn } from "../vendor/zones";
import { ACCOUNT, CALLER, PARTITION } from "./refusals";

export const invokes: PluginTable["invokes"] = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": ({ region }, { config }) => {
    const regionName = String(region ?? config.region);
    const zones = zonesIn(regionName);
    return {
      id: regionName,
      region: regionName,
      groupNames: [regionName],
      names: zones,
      zoneIds: zones.map(zoneId),
    };
  },
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: ACCOUNT,
    accountId: ACCOUNT,
    arn: CALLER,
    userId: "AIDASTUB",
  }),
  "aws:eks/getAddonVersion:getAddonVersion": (args, { find }) => ({
    ...args,
    id: args.addonName,
    version: newestAddon(String(args.kubernetesVersion), find),
  }),
  "aws:ssm/getParameter:getParameter": ({ name }, { find }) => ({
    id: name,
    name,
    type: "String",
    value: find(SSM_PARAMETER, name)?.outputs.value ?? publicParameter(String(name), find),
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
