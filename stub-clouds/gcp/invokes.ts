import type { PluginTable } from "../types";

const ZONES = ["a", "b", "c", "f"];

export const invokes: PluginTable["invokes"] = {
  "gcp:compute/getZones:getZones": ({ region, project }, { config }) => ({
    id: `projects/${project ?? config.project}/regions/${region ?? config.region}`,
    names: ZONES.map((zone) => `${region ?? config.region}-${zone}`),
    project: project ?? config.project,
    region: region ?? config.region,
  }),
  "gcp:organizations/getProject:getProject": ({ projectId }, { config }) => ({
    id: `projects/${projectId ?? config.project}`,
    projectId: projectId ?? config.project,
    number: "123456789012",
    name: projectId ?? config.project,
  }),
};
