import type { PluginTable, Token } from "../types";
import { invokes } from "./invokes";
import { refusals, SUBSCRIPTION } from "./refusals";
import { registrations, unregistered } from "./registrations";
import { resources } from "./resources";
import { GROUP } from "./tokens";

/** Azure's names of the SDK's modules: `containerservice` is `Microsoft.ContainerService`. */
const NAMESPACES: Readonly<Record<string, string>> = {
  authorization: "Microsoft.Authorization",
  containerregistry: "Microsoft.ContainerRegistry",
  containerservice: "Microsoft.ContainerService",
  managedidentity: "Microsoft.ManagedIdentity",
  monitor: "Microsoft.Insights",
  network: "Microsoft.Network",
  operationalinsights: "Microsoft.OperationalInsights",
  storage: "Microsoft.Storage",
};

const parts = (token: Token): [module: string, type: string] => {
  const [, module = "", type = ""] = token.split(":");
  return [module, `${type.charAt(0).toLowerCase()}${type.slice(1)}`];
};

const plural = (type: string): string => (type.endsWith("y") ? `${type.slice(0, -1)}ies` : `${type}s`);

export const table: PluginTable = {
  refusals,
  resources,
  invokes,
  requiresConfig: [],
  account: "arm",
  session: registrations,
  closed: unregistered,
  replaceOnConfig: ["subscriptionId", "tenantId"],
  closedEnums: true, // the SDK accepts any text, the API does not
  // The provider's update preview keeps these two and drops every other output.
  keptByUpdatePreview: ["name", "location"],
  unknownAtFirst: "all",
  readsInputs: "projected",
  refs: { resourceGroupName: GROUP },
  // Child resources override this in their rows.
  id: (inputs, { name }, token) => {
    const [module, type] = parts(token);
    const { resourceGroupName, resourceName = inputs[`${type}Name`] ?? inputs.name ?? name } = inputs;
    return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroupName}/providers/${NAMESPACES[module] ?? module}/${plural(type)}/${resourceName}`;
  },
  outputs: (inputs, id, _, token) => {
    const [module, type] = parts(token);
    return {
      name: id.slice(id.lastIndexOf("/") + 1),
      type: `${NAMESPACES[module] ?? module}/${plural(type)}`,
      provisioningState: "Succeeded",
    };
  },
};
