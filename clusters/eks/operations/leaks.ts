import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, ClusterQuery, Found, Place, Query } from "../../operations";
import { aws, json } from "./aws";
import { foundAt, removeRole } from "./kinds";

interface TaggedArns {
  readonly ResourceTagMappingList: readonly { readonly ResourceARN: string }[];
}

/** Deleted along with something else, which is reported itself. */
const ALONG = /:ec2:.*:security-group-rule\/|:eks:.*:access-entry\//;

/** Asks for everything that carries some tags. */
const tagged = (
  about: string,
  tags: (place: Place) => readonly string[],
  createdBy?: Found["createdBy"],
): Query => ({
  about,
  ask: (place) => json(place, "resourcegroupstaggingapi", "get-resources", "--tag-filters", ...tags(place)),
  found: ({ ResourceTagMappingList }: TaggedArns, place) =>
    ResourceTagMappingList.filter(({ ResourceARN }) => !ALONG.test(ResourceARN)).map(({ ResourceARN }) => ({
      ...foundAt(ResourceARN, place),
      ...(createdBy !== undefined && { createdBy }),
    })),
});

export const cluster: ClusterQuery = {
  ask: (place) => json(place, "eks", "describe-cluster", "--name", place.cluster),
  exists: () => true,
  none: /ResourceNotFoundException/,
};

export const leaks: CloudOperations<never>["leaks"] = [
  tagged("everything with the stack's tags", ({ stack }) => [
    `Key=project,Values=${PROJECT}`,
    `Key=stack,Values=${stack}`,
  ]),
  // What the cloud controller creates for Services has only the cluster's tag.
  tagged(
    "load balancers and their security groups",
    ({ cluster: name }) => [`Key=kubernetes.io/cluster/${name},Values=owned`],
    "cluster",
  ),
  // What the AWS Load Balancer Controller creates has a tag of its own.
  tagged(
    "load balancers of the AWS Load Balancer Controller",
    ({ cluster: name }) => [`Key=elbv2.k8s.aws/cluster,Values=${name}`],
    "cluster",
  ),
  {
    about: "network interfaces of pods",
    ask: (place) =>
      json(
        place,
        "ec2",
        "describe-network-interfaces",
        "--filters",
        `Name=tag:cluster.k8s.amazonaws.com/name,Values=${place.cluster}`,
      ),
    found: ({ NetworkInterfaces }: { NetworkInterfaces: { NetworkInterfaceId: string }[] }, place) =>
      NetworkInterfaces.map(({ NetworkInterfaceId: id }) => ({
        what: "network interface",
        id,
        createdBy: "cluster",
        remove: [commandLine(aws(place, "ec2", "delete-network-interface", "--network-interface-id", id))],
      })),
  },
  {
    // A line written after its deletion creates the group again, without a tag.
    about: "logs of the control plane",
    ask: (place) =>
      json(
        place,
        "logs",
        "describe-log-groups",
        "--log-group-name-prefix",
        `/aws/eks/${place.cluster}/cluster`,
      ),
    found: ({ logGroups }: { logGroups: { arn: string }[] }, place) =>
      logGroups.map(({ arn }) => foundAt(arn.replace(/:\*$/, ""), place)),
  },
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
    owner: {
      ask: ({ id }, place) => json(place, "iam", "list-role-tags", "--role-name", id),
      isStack: ({ Tags }: { Tags: { Key: string; Value: string }[] }, { stack }) =>
        [
          { Key: "project", Value: PROJECT },
          { Key: "stack", Value: stack },
        ].every((tag) => Tags.some(({ Key, Value }) => Key === tag.Key && Value === tag.Value)),
    },
  },
];
