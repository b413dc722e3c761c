import type { PluginTable } from "../types";
import { backup } from "./backup";
import { invokes } from "./invokes";
import { ACCOUNT, PARTITION, refusals } from "./refusals";
import { PREFIXES, resources } from "./resources";

export const table: PluginTable = {
  refusals,
  resources: { ...resources, ...backup },
  invokes,
  requiresConfig: ["region"],
  account: "aws",
  replaceOnConfig: ["region"],
  closedEnums: false, // the SDK's lists of instance types and the like are older than the cloud
  keptByUpdatePreview: "all",
  unknownAtFirst: "definite",
  // EC2 generates ids; everything else is identified by its name.
  id: (inputs, { random, name }, token) => {
    const prefix = PREFIXES[token];
    return prefix === undefined ? String(inputs.name ?? name) : `${prefix}-0${random(16)}`;
  },
  outputs: ({ tags, region }, id, { config }, token) => {
    const [, path = "", type = ""] = token.split(":");
    const service = path.split("/")[0] ?? "";
    const where = service === "iam" ? "" : (region ?? config.region);
    const defaults = config.defaultTags?.tags as Record<string, string> | undefined;
    return {
      arn: `arn:${PARTITION}:${service}:${where}:${ACCOUNT}:${type.charAt(0).toLowerCase()}${type.slice(1)}/${id}`,
      region: region ?? config.region,
      tagsAll: { ...defaults, ...tags },
    };
  },
};
