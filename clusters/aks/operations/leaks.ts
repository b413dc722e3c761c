import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, ClusterQuery, Place as AnyPlace } from "../../operations";

type Place = AnyPlace<"resourceGroup">;

const az = ({ provider: { subscriptionId } }: Place, ...words: readonly string[]): string[] => [
  "az",
  ...words,
  ...(subscriptionId === undefined ? [] : ["--subscription", subscriptionId]),
];
const json = (place: Place, ...words: readonly string[]): string[] => az(place, ...words, "--output", "json");

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
        createdBy: tags?.stack === place.stack ? "program" : "cluster",
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
          createdBy: "program",
          remove: [commandLine(az(place, "resource", "delete", "--ids", id))],
        })),
  },
];

/** AKS tags the group of the nodes, which holds their disks, addresses and load balancers, with the cluster. */
const isGroupOf =
  ({ stack, cluster: name, where: { resourceGroup } }: Place) =>
  ({ tags }: Item): boolean =>
    (tags?.project === PROJECT && tags.stack === stack) ||
    (tags?.["aks-managed-cluster-name"] === name &&
      tags["aks-managed-cluster-rg"]?.toLowerCase() === resourceGroup?.toLowerCase());
