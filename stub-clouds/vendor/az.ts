import type { Resource, Values } from "../types";
import { option, Refused, type Respond } from "./words";

const item = ({ id, outputs }: Resource): Values => ({ id, name: outputs.name, tags: outputs.tags ?? null });

/** Whether a resource has the tag `key=value`; all have the empty tag. */
const hasTag =
  (tag = "") =>
  ({ outputs }: Resource): boolean => {
    const [key = "", value] = tag.split("=");
    return tag === "" || (outputs.tags as Values | undefined)?.[key] === value;
  };

const AZ: Readonly<Record<string, Respond>> = {
  "account show": (_, resources) => ({
    id: resources.flatMap(({ id }) => /^\/subscriptions\/([^/]+)/.exec(id)?.[1] ?? [])[0],
  }),
  "group list": (words, _, listed) =>
    listed
      .filter(({ token }) => token === "azure-native:resources:ResourceGroup")
      .filter(hasTag(option(words, "tag")))
      .map(item),
  "group show": (words, resources) => {
    const name = option(words, "name");
    const found = resources.find(
      ({ token, outputs }) => token === "azure-native:resources:ResourceGroup" && outputs.name === name,
    );
    if (found === undefined)
      throw new Refused(`(ResourceGroupNotFound) Resource group '${name}' could not be found.`);
    return item(found);
  },
  "resource list": (words, _, listed) =>
    listed
      .filter(({ plugin, token }) => plugin === "azure-native" && !token.endsWith(":ResourceGroup"))
      .filter(hasTag(option(words, "tag")))
      .map(item),
  "resource show": (words, resources) => {
    const id = option(words, "ids");
    const found = resources.find((each) => each.id.toLowerCase() === id?.toLowerCase());
    if (found === undefined) throw new Refused(`(ResourceNotFound) The Resource '${id}' was not found.`);
    return item(found);
  },
  "aks list": (words, resources) => {
    const group = option(words, "resource-group");
    const isGroup = ({ token, outputs }: Resource): boolean =>
      token === "azure-native:resources:ResourceGroup" && outputs.name === group;
    if (!resources.some(isGroup))
      throw new Refused(`(ResourceGroupNotFound) Resource group '${group}' could not be found.`);
    return resources
      .filter(({ token }) => token === "azure-native:containerservice:ManagedCluster")
      .map(item);
  },
};

export const az: Respond = (words, resources, listed) => {
  const command = words.slice(0, 2).join(" ");
  const respond = AZ[command];
  if (respond === undefined) throw new Refused(`az: '${command}' is not in the 'az' command group.`);
  return respond(words, resources, listed);
};
