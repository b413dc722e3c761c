import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, Found, Place, Query } from "../../operations";
import { aws, json } from "./aws";

/** A kind of thing that an ARN identifies, and how it is removed. */
interface Kind {
  /** Matches service and resource: arn:aws:<service>:region:account:<resource>. */
  readonly arn: RegExp;
  readonly what: string;
  readonly createdBy: Found["createdBy"];
  /** Commands, by the groups of `arn`. */
  readonly remove: (...groups: string[]) => readonly string[][];
}

const ec2 = (
  resource: string,
  what: string,
  createdBy: Found["createdBy"],
  command: string,
  option = `${resource}-id`,
): Kind => ({
  arn: new RegExp(`:ec2:[^:]*:[^:]*:${resource}/(.+)$`),
  what,
  createdBy,
  remove: (id) => [["ec2", command, `--${option}`, id]],
});

const KINDS: readonly Kind[] = [
  ec2("instance", "node", "cluster", "terminate-instances", "instance-ids"),
  ec2("volume", "disk", "cluster", "delete-volume"),
  ec2("snapshot", "snapshot", "cluster", "delete-snapshot"),
  ec2("network-interface", "network interface", "cluster", "delete-network-interface"),
  ec2("launch-template", "launch template", "program", "delete-launch-template"),
  ec2("natgateway", "NAT gateway", "program", "delete-nat-gateway", "nat-gateway-id"),
  ec2("elastic-ip", "address", "program", "release-address", "allocation-id"),
  ec2("security-group", "security group", "program", "delete-security-group", "group-id"),
  ec2("internet-gateway", "internet gateway", "program", "delete-internet-gateway"),
  ec2("subnet", "subnet", "program", "delete-subnet"),
  ec2("route-table", "route table", "program", "delete-route-table"),
  ec2("vpc", "network", "program", "delete-vpc"),
  {
    arn: /:elasticloadbalancing:.*:loadbalancer\/(?:app|net|gwy)\//,
    what: "load balancer",
    createdBy: "cluster",
    remove: () => [["elbv2", "delete-load-balancer", "--load-balancer-arn", ARN]],
  },
  {
    arn: /:elasticloadbalancing:.*:loadbalancer\/([^/]+)$/,
    what: "load balancer",
    createdBy: "cluster",
    remove: (name) => [["elb", "delete-load-balancer", "--load-balancer-name", name]],
  },
  {
    arn: /:elasticloadbalancing:.*:targetgroup\//,
    what: "target group",
    createdBy: "cluster",
    remove: () => [["elbv2", "delete-target-group", "--target-group-arn", ARN]],
  },
  {
    arn: /:elasticfilesystem:.*:file-system\/(.+)$/,
    what: "file system",
    createdBy: "program",
    remove: (id) => [["efs", "delete-file-system", "--file-system-id", id]],
  },
  {
    arn: /:elasticfilesystem:.*:access-point\/(.+)$/,
    what: "access point of a file system",
    createdBy: "cluster",
    remove: (id) => [["efs", "delete-access-point", "--access-point-id", id]],
  },
  {
    arn: /:eks:.*:cluster\/([^/]+)$/,
    what: "cluster",
    createdBy: "program",
    remove: (name) => [["eks", "delete-cluster", "--name", name]],
  },
  {
    arn: /:eks:.*:nodegroup\/([^/]+)\/([^/]+)/,
    what: "node group",
    createdBy: "program",
    remove: (cluster, name) => [
      ["eks", "delete-nodegroup", "--cluster-name", cluster, "--nodegroup-name", name],
    ],
  },
  {
    arn: /:eks:.*:addon\/([^/]+)\/([^/]+)/,
    what: "add-on",
    createdBy: "program",
    remove: (cluster, name) => [["eks", "delete-addon", "--cluster-name", cluster, "--addon-name", name]],
  },
  {
    arn: /:eks:.*:podidentityassociation\/([^/]+)\/(.+)$/,
    what: "pod identity",
    createdBy: "program",
    remove: (cluster, id) => [
      ["eks", "delete-pod-identity-association", "--cluster-name", cluster, "--association-id", id],
    ],
  },
  {
    arn: /:ecr:.*:repository\/(.+)$/,
    what: "image repository",
    createdBy: "program",
    remove: (name) => [["ecr", "delete-repository", "--repository-name", name, "--force"]],
  },
  {
    arn: /:logs:.*:log-group:(.+?)(?::\*)?$/,
    what: "log group",
    createdBy: "program",
    remove: (name) => [["logs", "delete-log-group", "--log-group-name", name]],
  },
];

/** Deleted along with something else, which is reported itself. */
const ALONG = /:ec2:.*:security-group-rule\/|:eks:.*:access-entry\//;

/** Stands for the whole ARN in `remove`. */
const ARN = "<arn>";

function foundAt(arn: string, place: Place): Found {
  for (const { arn: pattern, what, createdBy, remove } of KINDS) {
    const match = pattern.exec(arn);
    if (match === null) continue;
    const commands = remove(...match.slice(1)).map((words) =>
      words.map((word) => (word === ARN ? arn : word)),
    );
    return { what, id: arn, createdBy, remove: commands.map((words) => commandLine(aws(place, ...words))) };
  }
  // Has the stack's tags, but this program creates nothing of its kind: reported all the same.
  return { what: "resource", id: arn, createdBy: "cluster", remove: [] };
}

interface TaggedArns {
  readonly ResourceTagMappingList: readonly { readonly ResourceARN: string }[];
}

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

export const cluster: Query = {
  about: "cluster",
  ask: (place) => json(place, "eks", "describe-cluster", "--name", place.cluster),
  found: ({ cluster: { arn } }: { cluster: { arn: string } }, place) => [foundAt(arn, place)],
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
        remove: [commandLine(aws(place, "iam", "delete-role", "--role-name", id))],
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
