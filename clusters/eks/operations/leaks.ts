import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, ClusterQuery, Found, Place, Query } from "../../operations";
import type { Tags } from "../../ownership";
import { aws, json, tagFilters } from "./aws";
import { foundAt, removeRole } from "./kinds";

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const tagsOf = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

interface TaggedArns {
  readonly ResourceTagMappingList: readonly {
    readonly ResourceARN: string;
    readonly Tags?: readonly Tag[];
  }[];
}

/** Deleted along with something else, which is reported itself. */
const ALONG = /:ec2:.*:security-group-rule\/|:eks:.*:access-entry\//;

/** Asks for everything that carries some tags. */
const tagged = (
  about: string,
  tags: (place: Place) => Tags,
  more: Partial<Pick<Found, "createdBy" | "partOf">> = {},
): Query => ({
  about,
  ask: (place) =>
    json(place, "resourcegroupstaggingapi", "get-resources", "--tag-filters", tagFilters(tags(place))),
  found: ({ ResourceTagMappingList }: TaggedArns, place) =>
    ResourceTagMappingList.filter(({ ResourceARN }) => !ALONG.test(ResourceARN)).map(
      ({ ResourceARN, Tags: own }) => ({ ...foundAt(ResourceARN, place), ...more, tags: tagsOf(own) }),
    ),
});

export const cluster: ClusterQuery = {
  ask: (place) => json(place, "eks", "describe-cluster", "--name", place.cluster),
  exists: () => true,
  none: /ResourceNotFoundException/,
};

/** What a controller in the cluster created, which has no tags of the stack. */
const OF_CLUSTER = { createdBy: "cluster", partOf: "cluster" } as const;

/** A log group by its name: a line written after its deletion creates it again, without a tag. */
const logGroups = (about: string, nameOf: (cluster: string) => string): Query => ({
  about,
  ask: (place) =>
    json(place, "logs", "describe-log-groups", "--log-group-name-prefix", nameOf(place.cluster)),
  found: ({ logGroups: found }: { logGroups: { arn: string; logGroupName: string }[] }, place) =>
    found
      .filter(({ logGroupName }) => logGroupName === nameOf(place.cluster))
      .map(({ arn }) => ({
        ...foundAt(arn.replace(/:\*$/, ""), place),
        partOf: "cluster",
        named: true,
      })),
  tags: {
    ask: ({ id }, place) => json(place, "logs", "list-tags-for-resource", "--resource-arn", id),
    of: ({ tags = {} }: { tags?: Tags }) => tags,
  },
});

export const leaks: CloudOperations<never>["leaks"] = [
  tagged("everything with the stack's tags", ({ stack }) => ({ project: PROJECT, stack })),
  {
    about: "cluster",
    ask: cluster.ask,
    none: cluster.none,
    found: ({ cluster: { arn, tags } }: { cluster: { arn: string; tags?: Tags } }, place) => [
      { ...foundAt(arn, place), tags, named: true },
    ],
  },
  // What the cloud controller creates for Services has only the cluster's tag.
  tagged(
    "load balancers and their security groups",
    ({ cluster: name }) => ({ [`kubernetes.io/cluster/${name}`]: "owned" }),
    OF_CLUSTER,
  ),
  // What the AWS Load Balancer Controller creates has a tag of its own.
  tagged(
    "load balancers of the AWS Load Balancer Controller",
    ({ cluster: name }) => ({ "elbv2.k8s.aws/cluster": name }),
    OF_CLUSTER,
  ),
  {
    about: "network interfaces of pods",
    ask: (place) =>
      json(
        place,
        "ec2",
        "describe-network-interfaces",
        "--filters",
        JSON.stringify([{ Name: "tag:cluster.k8s.amazonaws.com/name", Values: [place.cluster] }]),
      ),
    found: (
      { NetworkInterfaces }: { NetworkInterfaces: { NetworkInterfaceId: string; TagSet?: Tag[] }[] },
      place,
    ) =>
      NetworkInterfaces.map(({ NetworkInterfaceId: id, TagSet }) => ({
        what: "network interface",
        id,
        ...OF_CLUSTER,
        remove: [commandLine(aws(place, "ec2", "delete-network-interface", "--network-interface-id", id))],
        tags: tagsOf(TagSet),
      })),
  },
  logGroups("logs of the control plane", (name) => `/aws/eks/${name}/cluster`),
  logGroups("logs of the pods", (name) => `/aws/containerinsights/${name}/application`),
  {
    // The tagging API does not cover roles.
    about: "roles",
    ask: (place) => json(place, "iam", "list-roles"),
    found: ({ Roles }: { Roles: { RoleName: string }[] }, place) =>
      Roles.filter(({ RoleName }) => RoleName.startsWith("cluster-")).map(({ RoleName: id }) => ({
        what: "role",
        id,
        createdBy: "program",
        remove: removeRole(id, place),
      })),
    tags: {
      ask: ({ id }, place) => json(place, "iam", "list-role-tags", "--role-name", id),
      of: ({ Tags: own }: { Tags: Tag[] }) => tagsOf(own),
    },
  },
];
