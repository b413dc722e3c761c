import { PROJECT } from "../../lib/repository";
import type { Place } from "../place";
import { type CloudQueries, type Query, shell } from "./query";

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

const cluster: Query = {
  about: "cluster",
  ask: (place) => json(place, "aks", "list", "--resource-group", place.resourceGroup ?? ""),
  found: (answer: readonly Item[], place) =>
    answer
      .filter(({ name }) => name === place.cluster)
      .map(({ id, name }) => ({
        what: "cluster",
        id,
        madeBy: "program",
        remove: [
          shell(
            az(
              place,
              "aks",
              "delete",
              "--resource-group",
              place.resourceGroup ?? "",
              "--name",
              name,
              "--yes",
            ),
          ),
        ],
      })),
  none: /ResourceGroupNotFound/,
};

export const aks: CloudQueries = {
  install: "https://learn.microsoft.com/cli/azure/install-azure-cli",
  logIn: "az login",
  lag: [5_000, 15_000],
  cluster,
  queries: [
    {
      about: "resource groups of the stack and of its nodes",
      ask: (place) => json(place, "group", "list"),
      found: (answer: readonly Item[], place) =>
        answer.filter(isGroupOf(place)).map(({ id, name, tags }) => ({
          what: "resource group",
          id,
          madeBy: tags?.stack === place.stack ? "program" : "cluster",
          remove: [shell(az(place, "group", "delete", "--name", name, "--yes"))],
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
            madeBy: "program",
            remove: [shell(az(place, "resource", "delete", "--ids", id))],
          })),
    },
  ],
};

/** AKS tags the group of the nodes, with their disks, addresses and balancers, with its cluster. */
const isGroupOf =
  ({ stack, cluster: name, resourceGroup }: Place) =>
  ({ tags }: Item): boolean =>
    (tags?.project === PROJECT && tags.stack === stack) ||
    (tags?.["aks-managed-cluster-name"] === name &&
      tags["aks-managed-cluster-rg"]?.toLowerCase() === resourceGroup?.toLowerCase());
