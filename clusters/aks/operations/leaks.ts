import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, ClusterQuery, IdQuery, Place as AnyPlace } from "../../operations";
import type { Tags } from "../../ownership";

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
  readonly tags?: Tags | null;
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
        remove: [commandLine(az(place, "group", "delete", "--name", name, "--yes"))],
        tags,
        ...(tags?.[CLUSTER_TAG] === undefined
          ? { createdBy: "program", named: isSame(name, place.where.resourceGroup) }
          : { createdBy: "cluster", partOf: "cluster" }),
      })),
  },
  {
    about: "cluster",
    ask: cluster.ask,
    none: cluster.none,
    found: (answer: readonly Item[], place) =>
      answer
        .filter(({ name }) => name === place.cluster)
        .map(({ id, tags }) => ({
          what: "cluster",
          id,
          createdBy: "program",
          remove: [commandLine(az(place, "resource", "delete", "--ids", id))],
          tags,
          named: true,
        })),
  },
  {
    about: "everything with the stack's tags",
    ask: (place) => json(place, "resource", "list", "--tag", `stack=${place.stack}`),
    found: (answer: readonly Item[], place) =>
      answer
        .filter(({ tags }) => tags?.project === PROJECT)
        .map(({ id, tags }) => ({
          what: "resource",
          id,
          createdBy: IN_NODE_GROUP.test(id) ? "cluster" : "program",
          remove: [commandLine(az(place, "resource", "delete", "--ids", id))],
          tags,
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

/** The provider's subscription, or that of the state's ids: az's current one may be another. */
export const located = (place: Place, ids: readonly string[]): Place => {
  const subscriptionId =
    place.provider.subscriptionId ??
    process.env.ARM_SUBSCRIPTION_ID ?? // of the provider, which az does not read
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
  ({ stack, cluster: clusterName, where: { resourceGroup } }: Place) =>
  ({ name, tags }: Item): boolean =>
    (tags?.project === PROJECT && tags.stack === stack) ||
    isSame(name, resourceGroup) ||
    (tags?.[CLUSTER_TAG] === clusterName && isSame(tags["aks-managed-cluster-rg"], resourceGroup));

/** Azure ignores the case of names. */
const isSame = (name: string | undefined, other: string | undefined): boolean =>
  name !== undefined && name.toLowerCase() === other?.toLowerCase();
