import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type {
  CloudOperations,
  ClusterQuery,
  Found,
  Place as AnyPlace,
  Query as AnyQuery,
} from "../../operations";
import { type Tags, tagsInText } from "../../ownership";
import { labelValue } from "../scope";

type Place = AnyPlace<"location">;
type Query = AnyQuery<"location">;

const gcloud = (place: Place, ...words: readonly string[]): string[] => [
  "gcloud",
  ...words,
  ...(place.provider.project === undefined ? [] : [`--project=${place.provider.project}`]),
  ...(place.provider.impersonateServiceAccount === undefined
    ? []
    : [`--impersonate-service-account=${place.provider.impersonateServiceAccount}`]),
];

const ask =
  (...words: readonly string[]) =>
  (place: Place, ...filters: readonly string[]): string[] =>
    gcloud(place, ...words, `--filter=${filters.join(" AND ")}`, "--format=json");

const list =
  (filters: (place: Place) => readonly string[], ...words: readonly string[]) =>
  (place: Place): string[] =>
    ask(...words)(place, ...filters(place));

/** By its labels, which everything carries that can. */
const labelled =
  (field: string) =>
  ({ stack }: Place): string[] => [`${field}.project=${PROJECT}`, `${field}.stack=${labelValue(stack)}`];

/**
 * By its name, which is the cluster's. For lists of global resources `name=` would also match `dev-<name>` and
 * `<name>-2`.
 */
const named = ({ cluster }: Place): string[] => [`name~^${cluster}$`];

/** In the stack's own network. */
const inNetwork = ({ cluster }: Place): string[] => [`network~/${cluster}$`];

/** What gcloud prints if an API was never enabled in the project: nothing of its kind exists then. */
const API_IS_OFF =
  /SERVICE_DISABLED|has not been used in project|accessNotConfigured|API \[[^\]]+\] not enabled/;

/** Last part of `projects/x/zones/y` or of an URL. */
const last = (path: unknown): string =>
  String(path ?? "")
    .split("/")
    .at(-1) ?? "";

const REMOVE = "--quiet";

interface Item {
  readonly name: string;
  readonly zone?: string;
  readonly region?: string;
  readonly location?: string;
  readonly email?: string;
  readonly description?: string;
  readonly labels?: Tags;
  readonly resourceLabels?: Tags;
}

/** By `what`: resources of these types all have the cluster's name. */
const TYPES: Readonly<Record<string, string>> = {
  cluster: "gcp:container/cluster:Cluster",
  "NAT router": "gcp:compute/router:Router",
  subnet: "gcp:compute/subnetwork:Subnetwork",
  network: "gcp:compute/network:Network",
};

/** What things are parts of, whose labels decide whose they are. What has no labels may have a description. */
const PART_OF: Readonly<Record<string, string>> = {
  disk: "cluster",
  network: "cluster",
  "service account": "cluster",
  "NAT router": "network",
  subnet: "network",
  "firewall rule": "network",
  "forwarding rule": "network",
  "network endpoint group": "network",
};

/** A query whose answer is a list, each item of which is one thing. */
const query = (
  about: string,
  what: string,
  createdBy: Found["createdBy"] | ((item: Item, place: Place) => Found["createdBy"]),
  asked: Query["ask"],
  remove: (item: Item, place: Place) => readonly (readonly string[])[],
): Query => ({
  about,
  ask: asked,
  none: API_IS_OFF,
  found: (answer: readonly Item[], place) =>
    answer
      .filter((item) => what !== "disk" || isDiskOf(item, place))
      .map((item) => ({
        what,
        id: item.email ?? item.name,
        type: TYPES[what],
        createdBy: typeof createdBy === "function" ? createdBy(item, place) : createdBy,
        remove: remove(item, place).map((words) => commandLine(gcloud(place, ...words, REMOVE))),
        tags: item.resourceLabels ?? item.labels ?? tagsInText(item.description),
        partOf: PART_OF[what],
        named: item.name === place.cluster || what === "service account",
      })),
});

/** Whether a disk is of the cluster there: elsewhere another one may have its name. */
function isDiskOf({ labels, zone, region }: Item, { where: { location } }: Place): boolean {
  if (location === undefined) return true;
  const at = labels?.["goog-k8s-cluster-location"];
  if (at !== undefined) return at === location;
  return zone === undefined ? location.startsWith(last(region)) : last(zone).startsWith(location);
}

/** The option that says where a thing is: its item has a zone, a region, or neither. */
const at = ({ zone, region }: Item): string =>
  zone !== undefined
    ? `--zone=${last(zone)}`
    : region !== undefined
      ? `--region=${last(region)}`
      : "--global";

const clusters = query(
  "cluster",
  "cluster",
  "program",
  list(
    (place) => [
      ...named(place),
      ...(place.where.location === undefined ? [] : [`location=${place.where.location}`]),
    ],
    ...["container", "clusters", "list"],
  ),
  ({ name, location }) => [["container", "clusters", "delete", name, `--location=${location}`]],
);

export const cluster: ClusterQuery<"location"> = {
  ask: clusters.ask,
  none: clusters.none,
  exists: (answer: readonly Item[]) => answer.length > 0,
};

export const leaks: CloudOperations<"location">["leaks"] = [
  clusters,
  query(
    "disks of claims",
    "disk",
    "cluster",
    // The driver of persistent disks labels what it creates with its cluster.
    list(({ cluster: name }) => [`labels.goog-k8s-cluster-name=${name}`], "compute", "disks", "list"),
    (disk) => [["compute", "disks", "delete", disk.name, at(disk)]],
  ),
  query(
    "file shares of claims",
    "Filestore instance",
    "cluster",
    // The storage class passes these labels on.
    list(labelled("labels"), "filestore", "instances", "list"),
    ({ name }) => [["filestore", "instances", "delete", last(name), `--location=${name.split("/")[3]}`]],
  ),
  query(
    "load balancers",
    "firewall rule",
    "cluster",
    list(inNetwork, "compute", "firewall-rules", "list"),
    ({ name }, place) =>
      CREATED_BY_GKE.test(name)
        ? [...balancer(name, place), ["compute", "firewall-rules", "delete", name]]
        : [],
  ),
  query(
    "load balancers",
    "forwarding rule",
    "cluster",
    // Those of internal load balancers: only they name a network.
    list(inNetwork, "compute", "forwarding-rules", "list"),
    ({ name, region }) =>
      CREATED_BY_GKE.test(name)
        ? [["compute", "forwarding-rules", "delete", name, at({ name, region })]]
        : [],
  ),
  query(
    "endpoints of load balancers",
    "network endpoint group",
    "cluster",
    list(inNetwork, "compute", "network-endpoint-groups", "list"),
    (group) => [["compute", "network-endpoint-groups", "delete", group.name, at(group)]],
  ),
  query(
    "network",
    "NAT router",
    "program",
    // Not another one of that name in a network that the stack only uses.
    list((place) => [...named(place), ...inNetwork(place)], "compute", "routers", "list"),
    (router) => [["compute", "routers", "delete", router.name, at(router)]],
  ),
  query(
    "network",
    "subnet",
    // With a range for the control plane, GKE adds `gke-<name>-<hash>-pe-subnet`.
    ({ name }, { cluster }) => (name === cluster ? "program" : "cluster"),
    list(inNetwork, "compute", "networks", "subnets", "list"),
    (subnet, { cluster }) =>
      subnet.name === cluster || CREATED_BY_GKE.test(subnet.name)
        ? [["compute", "networks", "subnets", "delete", subnet.name, at(subnet)]]
        : [],
  ),
  query("network", "network", "program", list(named, "compute", "networks", "list"), ({ name }) => [
    ["compute", "networks", "delete", name],
  ]),
  query(
    "images",
    "image repository",
    "program",
    list(labelled("labels"), "artifacts", "repositories", "list"),
    ({ name }) => [["artifacts", "repositories", "delete", last(name), `--location=${name.split("/")[3]}`]],
  ),
  query(
    "identity of the nodes",
    "service account",
    "program",
    list(
      ({ cluster: name }) => [`displayName="Nodes of the GKE cluster ${name}"`],
      "iam",
      "service-accounts",
      "list",
    ),
    ({ email = "" }) => [["iam", "service-accounts", "delete", email]],
  ),
];

/**
 * Names of what GKE's controllers create in a network: with and without subsetting of load balancers, and by its
 * Gateway controller. What has any other name has another owner.
 */
const CREATED_BY_GKE = /^(k8s\d?|gke|gkegw\d?|gkemcg\d?|a[0-9a-f]{31})(-|$)/;

/** The firewall rule `k8s-fw-<name>` belongs to a forwarding rule and a target pool called `<name>`. */
function balancer(firewall: string, { where: { location = "" } }: Place): string[][] {
  const name = /^k8s-fw-(?!l7)(.+)$/.exec(firewall)?.[1];
  if (name === undefined) return [];
  const region = `--region=${location.replace(/-[a-z]$/, "")}`;
  return [
    ["compute", "forwarding-rules", "delete", name, region],
    ["compute", "target-pools", "delete", name, region],
  ];
}
