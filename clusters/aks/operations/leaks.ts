import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, ClusterQuery, IdQuery, Place as AnyPlace } from "../../operations";

type Place = AnyPlace<"resourceGroup">;

const az = (
  { provider: { subscriptionId } }: Pick<Place, "provider">,
  ...words: readonly string[]
): string[] => ["az", ...words, ...(subscriptionId === undefined ? [] : ["--subscription", subscriptionId])];
const json = (place: Pick<Place, "provider">, ...words: readonly string[]): string[] =>
  az(place, ...words, "--output", "json");

interface Item {
  readonly id: string;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>> | null;
}

export const cluster: ClusterQuery<"resourceGroup"> = {
  ask: (place) => json(place, "aks", "list", "--resource-group", place.where.resourceGroup ?? ""),
  exists: (answer: readonly Item[], place) => answer.some(({ name }) => name === place.cluster),
  none: /ResourceGroupNotFound/,
};

export const leaks: CloudOperations<"resourceGroup">["leaks"] = [
  {
    about: "resource groups of the stack and of its nodes",
    ask: (place) => json(place, "group", "list"),
    found: (answer: readonly Item[], place) =>
      answer.filter(isGroupOf(place)).map(({ id, name, tags }) => ({
        what: "resource group",
        id,
        createdBy: tags?.[CLUSTER_TAG] === undefined ? "program" : "cluster",
        remove: [commandLine(az(place, "group", "delete", "--name", name, "--yes"))],
      })),
  },
  {
    about: "everything with the stack's tags",
    ask: (place) => json(place, "resource", "list", "--tag", `stack=${place.stack}`),
    found: (answer: readonly Item[], place) =>
      answer
        .filter(({ tags }) => tags?.project === PROJECT)
        .map(({ id }) => ({
          what: "resource",
          id,
          createdBy: IN_NODE_GROUP.test(id) ? "cluster" : "program",
          remove: [commandLine(az(place, "resource", "delete", "--ids", id))],
        })),
  },
];

/** Asks for a group or a resource by its id. */
export const byId = (id: string, place: Pick<Place, "provider">): IdQuery => {
  const group = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)$/i.exec(id)?.[1];
  return {
    ask:
      group === undefined
        ? json(place, "resource", "show", "--ids", id)
        : json(place, "group", "show", "--name", group),
    exists: () => true,
    none: /ResourceNotFound|ResourceGroupNotFound|\(NotFound\)/,
  };
};

/** The subscription of the state's ids: az's current one may be another. */
export const located = (place: Place, ids: readonly string[]): Place => {
  const subscriptionId =
    place.provider.subscriptionId ??
    ids.flatMap((id) => /^\/subscriptions\/([^/]+)\//i.exec(id)?.[1] ?? [])[0];
  return subscriptionId === undefined ? place : { ...place, provider: { ...place.provider, subscriptionId } };
};

/**
 * What AKS creates is in a group of its own. It has the tags of the stack, which AKS copies from the cluster and its
 * pools: only its place tells that it belongs to the cluster.
 */
const IN_NODE_GROUP = /\/resourceGroups\/MC_[^/]*\//i;

const CLUSTER_TAG = "aks-managed-cluster-name";

/** AKS tags the group of the nodes, which holds their disks, addresses and load balancers, with the cluster. */
const isGroupOf =
  ({ stack, cluster: name, where: { resourceGroup } }: Place) =>
  ({ tags }: Item): boolean =>
    (tags?.project === PROJECT && tags.stack === stack) ||
    (tags?.[CLUSTER_TAG] === name &&
      tags["aks-managed-cluster-rg"]?.toLowerCase() === resourceGroup?.toLowerCase());
