import type { PluginTable } from "../types";
import { enabledIn } from "../vendor/account-commands";
import { invokes } from "./invokes";
import { refusals } from "./refusals";
import { resources } from "./resources";

const API = "https://www.googleapis.com/compute/v1";

/** The location in an id: `zones/us-central1-a`, `regions/us-central1`, `global`. */
const locationOf = ({ zone, region, location }: Readonly<Record<string, unknown>>): string => {
  if (zone !== undefined) return `zones/${String(zone)}`;
  if (region !== undefined) return `regions/${String(region)}`;
  return location === undefined ? "global" : `locations/${String(location)}`;
};

export const table: PluginTable = {
  refusals,
  resources,
  invokes,
  requiresConfig: ["project"],
  account: "adc",
  session: (world) => ({ apis: enabledIn(world) }),
  replaceOnConfig: [], // the project and location of a resource are its own properties
  closedEnums: true,
  keptByUpdatePreview: "all",
  unknownAtFirst: "definite",
  // gcp:container/cluster:Cluster -> projects/p/locations/l/clusters/name
  id: (inputs, { config, name }, token) => {
    const type = token.slice(token.lastIndexOf(":") + 1);
    const kind = `${type.charAt(0).toLowerCase()}${type.slice(1)}s`;
    const { project = config.project } = inputs;
    return `projects/${project}/${locationOf(inputs)}/${kind}/${inputs.name ?? name}`;
  },
  outputs: ({ project }, id, { config }) => ({
    project: project ?? config.project,
    selfLink: `${API}/${id}`,
  }),
};
