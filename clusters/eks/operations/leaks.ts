import { PROJECT } from "../../../lib/repository";
import { commandLine } from "../../../lib/shell";
import type { CloudOperations, ClusterQuery, Found, Place, Query } from "../../operations";
import { aws, json } from "./aws";

/**
 * Kinds of things, by who creates them: the ARN (arn:aws:<service>:<region>:<account>:<resource>), and the command
 * that removes it. `$1` and `$2` are groups of the pattern, `$0` is the whole ARN.
 */
const KINDS: Readonly<
  Record<Found["createdBy"], readonly (readonly [RegExp, what: string, remove: string])[]>
> = {
  cluster: [
    [/:ec2:.*:instance\/(.+)$/, "node", "ec2 terminate-instances --instance-ids $1"],
    [/:ec2:.*:volume\/(.+)$/, "disk", "ec2 delete-volume --volume-id $1"],
    [/:ec2:.*:snapshot\/(.+)$/, "snapshot", "ec2 delete-snapshot --snapshot-id $1"],
    [
      /:network-interface\/(.+)$/,
      "network interface",
      "ec2 delete-network-interface --network-interface-id $1",
    ],
    [/:loadbalancer\/(app|net|gwy)\//, "load balancer", "elbv2 delete-load-balancer --load-balancer-arn $0"],
    [/:loadbalancer\/([^/]+)$/, "load balancer", "elb delete-load-balancer --load-balancer-name $1"],
    [/:targetgroup\//, "target group", "elbv2 delete-target-group --target-group-arn $0"],
    [/:access-point\/(.+)$/, "access point of a file system", "efs delete-access-point --access-point-id $1"],
  ],
  program: [
    [/:launch-template\/(.+)$/, "launch template", "ec2 delete-launch-template --launch-template-id $1"],
    [/:natgateway\/(.+)$/, "NAT gateway", "ec2 delete-nat-gateway --nat-gateway-id $1"],
    [/:elastic-ip\/(.+)$/, "address", "ec2 release-address --allocation-id $1"],
    [/:security-group\/(.+)$/, "security group", "ec2 delete-security-group --group-id $1"],
    [/:internet-gateway\/(.+)$/, "internet gateway", "ec2 delete-internet-gateway --internet-gateway-id $1"],
    [/:ec2:.*:subnet\/(.+)$/, "subnet", "ec2 delete-subnet --subnet-id $1"],
    [/:ec2:.*:route-table\/(.+)$/, "route table", "ec2 delete-route-table --route-table-id $1"],
    [/:ec2:.*:vpc\/(.+)$/, "network", "ec2 delete-vpc --vpc-id $1"],
    [/:file-system\/(.+)$/, "file system", "efs delete-file-system --file-system-id $1"],
    [/:eks:.*:cluster\/([^/]+)$/, "cluster", "eks delete-cluster --name $1"],
    [
      /:nodegroup\/([^/]+)\/([^/]+)/,
      "node group",
      "eks delete-nodegroup --cluster-name $1 --nodegroup-name $2",
    ],
    [/:eks:.*:addon\/([^/]+)\/([^/]+)/, "add-on", "eks delete-addon --cluster-name $1 --addon-name $2"],
    [
      /:podidentityassociation\/([^/]+)\/(.+)$/,
      "pod identity",
      "eks delete-pod-identity-association --cluster-name $1 --association-id $2",
    ],
    [/:ecr:.*:repository\/(.+)$/, "image repository", "ecr delete-repository --repository-name $1 --force"],
    [/:logs:.*:log-group:(.+?)(?::\*)?$/, "log group", "logs delete-log-group --log-group-name $1"],
  ],
};

/** Deleted along with something else, which is reported itself. */
const ALONG = /:ec2:.*:security-group-rule\/|:eks:.*:access-entry\//;

function foundAt(id: string, place: Place): Found {
  for (const createdBy of ["cluster", "program"] as const)
    for (const [arn, what, remove] of KINDS[createdBy]) {
      const groups = arn.exec(id);
      if (groups === null) continue;
      const words = remove.split(" ").map((word) => ({ $0: id, $1: groups[1], $2: groups[2] })[word] ?? word);
      return { what, id, createdBy, remove: [commandLine(aws(place, ...words))] };
    }
  // Has the stack's tags, but this program creates nothing of its kind: reported all the same.
  return { what: "resource", id, createdBy: "cluster", remove: [] };
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
