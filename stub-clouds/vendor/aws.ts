import type { Resource, Values } from "../types";
import { backup } from "./aws-backup";
import { listOf, parseList } from "./shorthand";
import { option, options, Refused, type Respond } from "./words";
import { isOffered, zoneId, zonesIn } from "./zones";

/** Service and resource type in the ARN, where they differ from the provider's names. */
const ARNS: Readonly<Record<string, string>> = {
  "ec2:natGateway": "ec2:natgateway",
  "ec2:eip": "ec2:elastic-ip",
  "ec2:internetGateway": "ec2:internet-gateway",
  "ec2:routeTable": "ec2:route-table",
  "ec2:securityGroup": "ec2:security-group",
  "ec2:launchTemplate": "ec2:launch-template",
  "ec2:networkInterface": "ec2:network-interface",
  "ec2:vpcEndpoint": "ec2:vpc-endpoint",
  "vpc:securityGroupIngressRule": "ec2:security-group-rule",
  "ebs:volume": "ec2:volume",
  "ebs:snapshot": "ec2:snapshot",
  "lb:targetGroup": "elasticloadbalancing:targetgroup",
  "efs:accessPoint": "elasticfilesystem:access-point",
  "lb:loadBalancer": "elasticloadbalancing:loadbalancer/net",
  "efs:fileSystem": "elasticfilesystem:file-system",
  "eks:nodeGroup": "eks:nodegroup",
  "eks:accessEntry": "eks:access-entry",
  "eks:podIdentityAssociation": "eks:podidentityassociation",
  "cloudwatch:logGroup": "logs:log-group:",
  "backup:plan": "backup:backup-plan:",
  "backup:vault": "backup:backup-vault:",
};

/** The ARN as AWS writes it: `arn:aws:ec2:region:account:vpc/vpc-0123`. The stub's may differ. */
export function arnOf({ outputs, token, id }: Resource): string {
  const [, path = "", type = ""] = token.split(":");
  const kind = `${path.split("/")[0]}:${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  const [service = "", resource = ""] = (ARNS[kind] ?? kind).split(/:(.*)/s);
  const [, , , region, account] = String(outputs.arn).split(":");
  const name =
    kind === "eks:podIdentityAssociation"
      ? `${outputs.clusterName}/${outputs.associationId}`
      : id.replaceAll(":", "/");
  return `arn:aws:${service}:${region}:${account}:${resource}${resource.endsWith(":") ? "" : "/"}${name}`;
}

const tagsOf = ({ outputs }: Resource): Readonly<Record<string, string>> => ({
  ...(outputs.tagsAll as Record<string, string> | undefined),
  ...(outputs.tags as Record<string, string> | undefined),
});

const isRole = ({ token }: Resource): boolean => token === "aws:iam/role:Role";

/**
 * Questions about one resource: the option with its id, the key of the answer, the type, and the code of the error if
 * there is none (API references of EC2, Elastic Load Balancing, EFS, ECR and EKS, "Errors").
 */
const DESCRIBED: Readonly<
  Record<string, readonly [option: string, key: string, type: string, code: string]>
> = {
  "ec2 describe-instances": ["instance-ids", "Reservations", "ec2/instance", "InvalidInstanceID.NotFound"],
  "ec2 describe-volumes": ["volume-ids", "Volumes", "ebs/volume", "InvalidVolume.NotFound"],
  "ec2 describe-network-interfaces": [
    "network-interface-ids",
    "NetworkInterfaces",
    "ec2/networkInterface",
    "InvalidNetworkInterfaceID.NotFound",
  ],
  "ec2 describe-addresses": ["allocation-ids", "Addresses", "ec2/eip", "InvalidAllocationID.NotFound"],
  "ec2 describe-nat-gateways": ["nat-gateway-ids", "NatGateways", "ec2/natGateway", "NatGatewayNotFound"],
  "ec2 describe-security-groups": [
    "group-ids",
    "SecurityGroups",
    "ec2/securityGroup",
    "InvalidGroup.NotFound",
  ],
  "ec2 describe-internet-gateways": [
    "internet-gateway-ids",
    "InternetGateways",
    "ec2/internetGateway",
    "InvalidInternetGatewayID.NotFound",
  ],
  "ec2 describe-launch-templates": [
    "launch-template-ids",
    "LaunchTemplates",
    "ec2/launchTemplate",
    "InvalidLaunchTemplateId.NotFound",
  ],
  "ec2 describe-subnets": ["subnet-ids", "Subnets", "ec2/subnet", "InvalidSubnetID.NotFound"],
  "ec2 describe-route-tables": [
    "route-table-ids",
    "RouteTables",
    "ec2/routeTable",
    "InvalidRouteTableID.NotFound",
  ],
  "ec2 describe-vpc-endpoints": [
    "vpc-endpoint-ids",
    "VpcEndpoints",
    "ec2/vpcEndpoint",
    "InvalidVpcEndpointId.NotFound",
  ],
  "ec2 describe-vpcs": ["vpc-ids", "Vpcs", "ec2/vpc", "InvalidVpcID.NotFound"],
  "ec2 describe-security-group-rules": [
    "security-group-rule-ids",
    "SecurityGroupRules",
    "vpc/securityGroupIngressRule",
    "InvalidSecurityGroupRuleId.NotFound",
  ],
  "elbv2 describe-load-balancers": [
    "load-balancer-arns",
    "LoadBalancers",
    "lb/loadBalancer",
    "LoadBalancerNotFound",
  ],
  "elbv2 describe-target-groups": [
    "target-group-arns",
    "TargetGroups",
    "lb/targetGroup",
    "TargetGroupNotFound",
  ],
  "ec2 describe-snapshots": ["snapshot-ids", "Snapshots", "ebs/snapshot", "InvalidSnapshot.NotFound"],
  "efs describe-access-points": ["access-point-id", "AccessPoints", "efs/accessPoint", "AccessPointNotFound"],
  "efs describe-file-systems": ["file-system-id", "FileSystems", "efs/fileSystem", "FileSystemNotFound"],
  "ecr describe-repositories": [
    "repository-names",
    "repositories",
    "ecr/repository",
    "RepositoryNotFoundException",
  ],
  "eks describe-nodegroup": ["nodegroup-name", "nodegroup", "eks/nodeGroup", "ResourceNotFoundException"],
  "eks describe-addon": ["addon-name", "addon", "eks/addon", "ResourceNotFoundException"],
  "eks describe-pod-identity-association": [
    "association-id",
    "association",
    "eks/podIdentityAssociation",
    "ResourceNotFoundException",
  ],
};

/** Where an id ends an ARN or a composite id. */
const hasId = (each: Resource, id: string): boolean =>
  [each.id, arnOf(each), String(each.outputs.associationId)].some(
    (own) => own === id || own.endsWith(`/${id}`) || own.endsWith(`:${id}`),
  );

function describe(command: string, words: readonly string[], resources: readonly Resource[]): Values {
  const [name = "", key = "", type = "", code = ""] = DESCRIBED[command] ?? [];
  const id = option(words, name) ?? "";
  const cluster = option(words, "cluster-name");
  const found = resources.find(
    (each) =>
      each.token.startsWith(`aws:${type}:`) &&
      hasId(each, id) &&
      (cluster === undefined || each.outputs.clusterName === cluster || each.id.startsWith(`${cluster}:`)),
  );
  if (found === undefined)
    throw new Refused(
      `An error occurred (${code}) when calling the ${words[1]} operation: '${id}' does not exist`,
    );
  const { state, vpcId } = found.outputs;
  const Attachments = vpcId === undefined ? [] : [{ VpcId: vpcId, State: "available" }];
  const answer = { ...found.outputs, State: state, Attachments };
  if (!key.endsWith("s")) return { [key]: answer };
  return { [key]: key === "Reservations" ? [{ Instances: [answer] }] : [answer] };
}

/** The resources of a type that all of some filters select, such as `Name=tag:<key>,Values=<value>`. */
const filtered = (
  filters: ReturnType<typeof parseList>,
  resources: readonly Resource[],
  type: string,
): readonly Resource[] =>
  resources.filter(
    (each) =>
      each.token.startsWith(`aws:${type}:`) &&
      filters.every(({ Name, Values: values }) =>
        listOf(values).includes(
          String(Name === "vpc-id" ? each.outputs.vpcId : tagsOf(each)[String(Name).replace(/^tag:/, "")]),
        ),
      ),
  );

/** Key of the id in each item of what `describe-...` lists. */
const ITEM_IDS: Readonly<Record<string, string>> = {
  Addresses: "AllocationId",
  InternetGateways: "InternetGatewayId",
  LaunchTemplates: "LaunchTemplateId",
  NatGateways: "NatGatewayId",
  NetworkInterfaces: "NetworkInterfaceId",
  RouteTables: "RouteTableId",
  SecurityGroupRules: "SecurityGroupRuleId",
  SecurityGroups: "GroupId",
  Subnets: "SubnetId",
  VpcEndpoints: "VpcEndpointId",
  Vpcs: "VpcId",
};

/** What filters by tags or by the network select. Only `describe-nat-gateways` has an option without the plural. */
function filteredList(command: string, words: readonly string[], resources: readonly Resource[]): Values {
  const expected = command === "ec2 describe-nat-gateways" ? "filter" : "filters";
  if (option(words, expected) === undefined)
    throw new Refused(`aws: error: the following arguments are required: --${expected}`);
  const [, key = "", type = ""] = DESCRIBED[command] ?? [];
  const idKey = ITEM_IDS[key];
  if (idKey === undefined) throw new Refused(`the stand-in has no list of ${key}`);
  return {
    [key]: filtered(parseList(options(words, expected)), resources, type).map((each) => ({
      [idKey]: each.id,
      Description: each.outputs.description,
      GroupName: each.outputs.name,
      ServiceName: each.outputs.serviceName,
      State: each.outputs.state,
      [key === "NetworkInterfaces" ? "TagSet" : "Tags"]: tagItems(each),
    })),
  };
}

/** One by its id, or what filters select. */
const described = (command: string, words: readonly string[], resources: readonly Resource[]): Values =>
  ["filter", "filters"].some((name) => option(words, name) !== undefined)
    ? filteredList(command, words, resources)
    : describe(command, words, resources);

const tagItems = (each: Resource) => Object.entries(tagsOf(each)).map(([Key, Value]) => ({ Key, Value }));

/** The values of `--filters ... Name=<name>,Values=<value>,<value>`. */
const filterValues = (words: readonly string[], name: string): readonly string[] =>
  options(words, "filters")
    .find((text) => text.startsWith(`Name=${name},Values=`))
    ?.split("=")[2]
    ?.split(",") ?? [];

function policiesOf(
  words: readonly string[],
  resources: readonly Resource[],
  type: string,
): readonly Resource[] {
  const role = option(words, "role-name");
  if (!resources.some((each) => isRole(each) && each.id === role))
    throw new Refused(
      `An error occurred (NoSuchEntity) when calling the operation: The role with name ${role} cannot be found.`,
    );
  return resources.filter(
    ({ token, inputs }) => token.startsWith(`aws:iam/${type}:`) && inputs.role === role,
  );
}

/**
 * Milliseconds until the tagging API lists what is new. It collects what the services report to it, and AWS documents no
 * time for that (aws/aws-sdk#302); the services themselves advise waits of "a couple of seconds" up to five minutes
 * (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
 */
const TAGS_LAG = 20_000;

const AWS: Readonly<Record<string, Respond>> = {
  ...backup,
  "resourcegroupstaggingapi get-resources": (words, _, listed) => {
    const filters = parseList(options(words, "tag-filters")).map(({ Key, Values: values }) => ({
      key: String(Key),
      values: listOf(values),
    }));
    const ResourceTagMappingList = listed
      // The tagging API does not cover IAM, and a selection has no tags.
      .filter(({ plugin, token }) => plugin === "aws" && !/^aws:(iam\/|backup\/selection:)/.test(token))
      .filter(({ created }) => Date.now() - created > TAGS_LAG)
      .filter((each) => filters.every(({ key, values }) => values.includes(tagsOf(each)[key] ?? "")))
      .map((each) => ({
        ResourceARN: arnOf(each),
        Tags: tagItems(each),
      }));
    return { ResourceTagMappingList };
  },
  "ec2 describe-availability-zones": (words) => ({
    AvailabilityZones: zonesIn(option(words, "region") ?? "").map((ZoneName) => ({
      ZoneName,
      ZoneId: zoneId(ZoneName),
    })),
  }),
  "ec2 describe-instance-type-offerings": (words) => ({
    InstanceTypeOfferings: filterValues(words, "instance-type").flatMap((InstanceType) =>
      zonesIn(option(words, "region") ?? "")
        .filter((zone) => isOffered(InstanceType, zone))
        .map((Location) => ({ InstanceType, Location })),
    ),
  }),
  "ec2 describe-subnets": (words, resources) => {
    const ids = filterValues(words, "subnet-id");
    if (ids.length === 0) return described("ec2 describe-subnets", words, resources);
    const found = resources.filter(({ token, id }) => token === "aws:ec2/subnet:Subnet" && ids.includes(id));
    return {
      Subnets: found.map(({ id, outputs }) => ({
        SubnetId: id,
        VpcId: outputs.vpcId,
        CidrBlock: outputs.cidrBlock,
        AvailabilityZone: outputs.availabilityZone,
        AvailabilityZoneId: zoneId(String(outputs.availabilityZone)),
      })),
    };
  },
  "efs describe-mount-targets": (words, resources) => ({
    MountTargets: resources
      .filter(({ token }) => token === "aws:efs/mountTarget:MountTarget")
      .filter(({ inputs }) => inputs.fileSystemId === option(words, "file-system-id"))
      .map(({ id, inputs }) => ({ MountTargetId: id, SubnetId: inputs.subnetId })),
  }),
  "iam list-attached-role-policies": (words, resources) => ({
    AttachedPolicies: policiesOf(words, resources, "rolePolicyAttachment").map(({ inputs }) => ({
      PolicyArn: inputs.policyArn,
    })),
  }),
  "iam list-role-policies": (words, resources) => ({
    PolicyNames: policiesOf(words, resources, "rolePolicy").map(({ inputs }) => inputs.name),
  }),
  "logs describe-log-groups": (words, resources) => ({
    logGroups: resources
      .filter(({ token }) => token === "aws:cloudwatch/logGroup:LogGroup")
      .filter(({ id }) => id.startsWith(option(words, "log-group-name-prefix") ?? ""))
      .map((each) => ({ arn: `${arnOf(each)}:*`, logGroupName: each.id })),
  }),
  "logs list-tags-for-resource": (words, resources) => {
    const arn = option(words, "resource-arn");
    const group = resources.find((each) => arnOf(each) === arn);
    if (group === undefined)
      throw new Refused("An error occurred (ResourceNotFoundException) when calling ListTagsForResource");
    return { tags: tagsOf(group) };
  },
  "iam list-roles": (_, resources) => ({
    Roles: resources.filter(isRole).map(({ id }) => ({ RoleName: id })),
  }),
  "iam list-role-tags": (words, resources) => {
    const role = resources.find((each) => isRole(each) && each.id === option(words, "role-name"));
    if (role === undefined) throw new Refused("An error occurred (NoSuchEntity) when calling ListRoleTags");
    return { Tags: Object.entries(tagsOf(role)).map(([Key, Value]) => ({ Key, Value })) };
  },
  "efs describe-file-systems": (words, resources) =>
    option(words, "file-system-id") === undefined
      ? {
          FileSystems: resources
            .filter(({ token }) => token === "aws:efs/fileSystem:FileSystem")
            .map((each) => ({ FileSystemId: each.id, Tags: tagItems(each) })),
        }
      : describe("efs describe-file-systems", words, resources),
  "eks list-pod-identity-associations": (words, resources) => ({
    associations: resources
      .filter(({ token }) => token === "aws:eks/podIdentityAssociation:PodIdentityAssociation")
      .filter(
        ({ inputs }) =>
          inputs.clusterName === option(words, "cluster-name") &&
          inputs.namespace === option(words, "namespace") &&
          inputs.serviceAccount === option(words, "service-account"),
      )
      .map(({ outputs }) => ({ associationId: outputs.associationId })),
  }),
  "eks describe-cluster": (words, resources) => {
    const name = option(words, "name");
    const found = resources.find(({ token, id }) => token === "aws:eks/cluster:Cluster" && id === name);
    if (found === undefined)
      throw new Refused(
        `An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: ${name}.`,
      );
    return { cluster: { name, arn: arnOf(found), version: found.outputs.version, tags: tagsOf(found) } };
  },
  "eks list-addons": (words, resources) => ({ addons: namesIn(words, resources, "eks/addon") }),
  "eks list-nodegroups": (words, resources) => ({ nodegroups: namesIn(words, resources, "eks/nodeGroup") }),
  "eks describe-access-entry": (words, resources) => {
    const entry = accessEntry(words, resources);
    return { accessEntry: { principalArn: entry.outputs.principalArn, tags: tagsOf(entry) } };
  },
  "eks list-associated-access-policies": (words, resources) => {
    const { outputs, owner } = accessEntry(words, resources);
    const associated = resources
      .filter(({ token }) => token === "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
      .filter(({ inputs }) => inputs.principalArn === outputs.principalArn)
      .map(({ inputs }) => ({ policyArn: inputs.policyArn }));
    const creators = [{ policyArn: `arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy` }];
    return { associatedAccessPolicies: owner === undefined ? associated : creators };
  },
};

/** The names of a cluster's add-ons or node groups, whose ids are `<cluster>:<name>`. */
const namesIn = (words: readonly string[], resources: readonly Resource[], type: string): readonly string[] =>
  resources.flatMap(({ token, id }) => {
    const [cluster, name = ""] = id.split(":");
    return token.startsWith(`aws:${type}:`) && cluster === option(words, "cluster-name") ? [name] : [];
  });

/** The entry of a principal in a cluster; the tags of the creator's are EKS's: none. */
function accessEntry(words: readonly string[], resources: readonly Resource[]): Resource {
  const principal = option(words, "principal-arn") ?? "";
  const id = `${option(words, "cluster-name")}:${principal}`;
  const found = resources.find((each) => each.token === "aws:eks/accessEntry:AccessEntry" && each.id === id);
  if (found === undefined)
    throw new Refused(
      `An error occurred (ResourceNotFoundException) when calling the ${words[1]} operation: The specified principalArn could not be found: ${principal}.`,
    );
  return found;
}

export const aws: Respond = (words, resources, listed) => {
  const command = words.slice(0, 2).join(" ");
  if (command in DESCRIBED && !(command in AWS)) return described(command, words, resources);
  const respond = AWS[command];
  if (respond === undefined) throw new Refused(`aws: error: argument command: Invalid choice: ${command}`);
  return respond(words, resources, listed);
};
