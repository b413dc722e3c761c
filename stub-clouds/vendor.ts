/**
 * Stand-in for `gcloud`, `aws` and `az` that lists what exists: responds from a world's inventory, in the format of
 * the real program. `vendor.ts <program> <folder of the world> [arguments]`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Resource, Values } from "./types";
// Loads no other module of this repository: it is called a dozen times in a row and must start fast.

/** The program's error message in place of a result. */
class Refused extends Error {}

type Respond = (words: readonly string[], resources: readonly Resource[]) => unknown;

/** The value of `--name value` or `--name=value`. */
function option(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(`--${name}`);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** The values that follow `--name`. */
function options(words: readonly string[], name: string): string[] {
  const rest = words.slice(words.indexOf(`--${name}`) + 1);
  const end = rest.findIndex((word) => word.startsWith("--"));
  return rest.slice(0, end < 0 ? undefined : end);
}

/** The type that `gcloud <command> list` lists. */
const GCLOUD: Readonly<Record<string, string>> = {
  "container clusters": "gcp:container/cluster:Cluster",
  "compute disks": "gcp:compute/disk:Disk",
  "filestore instances": "gcp:filestore/instance:Instance",
  "compute firewall-rules": "gcp:compute/firewall:Firewall",
  "compute network-endpoint-groups": "gcp:compute/networkEndpointGroup:NetworkEndpointGroup",
  "compute routers": "gcp:compute/router:Router",
  "compute networks subnets": "gcp:compute/subnetwork:Subnetwork",
  "compute networks": "gcp:compute/network:Network",
  "artifacts repositories": "gcp:artifactregistry/repository:Repository",
  "iam service-accounts": "gcp:serviceaccount/account:Account",
};

/** Resources that `gcloud` identifies by a path. */
const BY_PATH = ["filestore instances", "artifacts repositories", "iam service-accounts"];

const gcloud: Respond = (words, resources) => {
  const command = words.slice(0, words.indexOf("list")).join(" ");
  const token = GCLOUD[command];
  if (token === undefined) throw new Refused(`ERROR: (gcloud) Invalid choice: '${command}'.`);
  const filters = (option(words, "filter") ?? "").split(" AND ").filter((text) => text !== "");
  return resources
    .filter((resource) => resource.token === token)
    .map(({ outputs, id }) => ({ ...outputs, name: BY_PATH.includes(command) ? id : (outputs.name ?? id) }))
    .filter((item) => filters.every((filter) => matches(item, filter)));
};

/** Whether an item matches one term of a filter: `labels.stack=dev`, `network~/name$`, `displayName="two words"`. */
function matches(item: Values, filter: string): boolean {
  const [, path = "", operator, quoted = ""] = /^([^=~]+)([=~])(.*)$/s.exec(filter) ?? [];
  const value = path.split(".").reduce<unknown>((at, key) => (at as Values | undefined)?.[key], item);
  const wanted = quoted.replace(/^"(.*)"$/, "$1");
  return operator === "~" ? new RegExp(wanted).test(String(value)) : value === wanted;
}

/** Service and resource type in the ARN, where they differ from the provider's names. */
const ARNS: Readonly<Record<string, string>> = {
  "ec2:natGateway": "ec2:natgateway",
  "ec2:eip": "ec2:elastic-ip",
  "ec2:internetGateway": "ec2:internet-gateway",
  "ec2:routeTable": "ec2:route-table",
  "ec2:securityGroup": "ec2:security-group",
  "ec2:launchTemplate": "ec2:launch-template",
  "ec2:networkInterface": "ec2:network-interface",
  "vpc:securityGroupIngressRule": "ec2:security-group-rule",
  "ebs:volume": "ec2:volume",
  "lb:loadBalancer": "elasticloadbalancing:loadbalancer/net",
  "efs:fileSystem": "elasticfilesystem:file-system",
  "eks:nodeGroup": "eks:nodegroup",
  "eks:accessEntry": "eks:access-entry",
  "eks:podIdentityAssociation": "eks:podidentityassociation",
  "cloudwatch:logGroup": "logs:log-group:",
};

/** The ARN as AWS writes it: `arn:aws:ec2:region:account:vpc/vpc-0123`. The stub's may differ. */
function arnOf({ outputs, token, id }: Resource): string {
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

const AWS: Readonly<Record<string, Respond>> = {
  "resourcegroupstaggingapi get-resources": (words, resources) => {
    const filters = options(words, "tag-filters").map((text) => {
      const [, key = "", value = ""] = /^Key=(.*),Values=(.*)$/.exec(text) ?? [];
      return { key, value };
    });
    const ResourceTagMappingList = resources
      // The tagging API does not cover IAM.
      .filter((each) => each.plugin === "aws" && !each.token.startsWith("aws:iam/"))
      .filter((each) => filters.every(({ key, value }) => tagsOf(each)[key] === value))
      .map((each) => ({
        ResourceARN: arnOf(each),
        Tags: Object.entries(tagsOf(each)).map(([Key, Value]) => ({ Key, Value })),
      }));
    return { ResourceTagMappingList };
  },
  "ec2 describe-network-interfaces": (words, resources) => {
    const [, key = "", value = ""] = /^Name=tag:(.*),Values=(.*)$/.exec(option(words, "filters") ?? "") ?? [];
    const NetworkInterfaces = resources
      .filter((each) => each.token === "aws:ec2/networkInterface:NetworkInterface")
      .filter((each) => tagsOf(each)[key] === value)
      .map(({ id }) => ({ NetworkInterfaceId: id }));
    return { NetworkInterfaces };
  },
  "efs describe-mount-targets": (words, resources) => ({
    MountTargets: resources
      .filter(({ token }) => token === "aws:efs/mountTarget:MountTarget")
      .filter(({ inputs }) => inputs.fileSystemId === option(words, "file-system-id"))
      .map(({ id, inputs }) => ({ MountTargetId: id, SubnetId: inputs.subnetId })),
  }),
  "logs describe-log-groups": (words, resources) => ({
    logGroups: resources
      .filter(({ token }) => token === "aws:cloudwatch/logGroup:LogGroup")
      .filter(({ id }) => id.startsWith(option(words, "log-group-name-prefix") ?? ""))
      .map((each) => ({ arn: `${arnOf(each)}:*` })),
  }),
  "iam list-roles": (_, resources) => ({
    Roles: resources.filter(isRole).map(({ id }) => ({ RoleName: id })),
  }),
  "iam list-role-tags": (words, resources) => {
    const role = resources.find((each) => isRole(each) && each.id === option(words, "role-name"));
    if (role === undefined) throw new Refused("An error occurred (NoSuchEntity) when calling ListRoleTags");
    return { Tags: Object.entries(tagsOf(role)).map(([Key, Value]) => ({ Key, Value })) };
  },
  "eks describe-cluster": (words, resources) => {
    const name = option(words, "name");
    const found = resources.find(({ token, id }) => token === "aws:eks/cluster:Cluster" && id === name);
    if (found === undefined)
      throw new Refused(
        `An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: ${name}.`,
      );
    return { cluster: { name, arn: arnOf(found) } };
  },
};

const aws: Respond = (words, resources) => {
  const command = words.slice(0, 2).join(" ");
  const respond = AWS[command];
  if (respond === undefined) throw new Refused(`aws: error: argument command: Invalid choice: ${command}`);
  return respond(words, resources);
};

const item = ({ id, outputs }: Resource): Values => ({ id, name: outputs.name, tags: outputs.tags ?? null });

/** Whether a resource has the tag `key=value`; all have the empty tag. */
const hasTag =
  (tag = "") =>
  ({ outputs }: Resource): boolean => {
    const [key = "", value] = tag.split("=");
    return tag === "" || (outputs.tags as Values | undefined)?.[key] === value;
  };

const AZ: Readonly<Record<string, Respond>> = {
  "account show": (_, resources) => ({
    id: resources.flatMap(({ id }) => /^\/subscriptions\/([^/]+)/.exec(id)?.[1] ?? [])[0],
  }),
  "group list": (words, resources) =>
    resources
      .filter(({ token }) => token === "azure-native:resources:ResourceGroup")
      .filter(hasTag(option(words, "tag")))
      .map(item),
  "resource list": (words, resources) => {
    return resources
      .filter(({ plugin, token }) => plugin === "azure-native" && !token.endsWith(":ResourceGroup"))
      .filter(hasTag(option(words, "tag")))
      .map(item);
  },
  "aks list": (words, resources) => {
    const group = option(words, "resource-group");
    const isGroup = ({ token, outputs }: Resource): boolean =>
      token === "azure-native:resources:ResourceGroup" && outputs.name === group;
    if (!resources.some(isGroup))
      throw new Refused(`(ResourceGroupNotFound) Resource group '${group}' could not be found.`);
    return resources
      .filter(({ token }) => token === "azure-native:containerservice:ManagedCluster")
      .map(item);
  },
};

const az: Respond = (words, resources) => {
  const command = words.slice(0, 2).join(" ");
  const respond = AZ[command];
  if (respond === undefined) throw new Refused(`az: '${command}' is not in the 'az' command group.`);
  return respond(words, resources);
};

const PROGRAMS: Readonly<Record<string, Respond>> = { gcloud, aws, az };

/** What exists now. */
function resourcesOf(folder: string): readonly Resource[] {
  const file = join(folder, "inventory.json");
  if (!existsSync(file)) return [];
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as { resources: Resource[] };
  return resources.filter(({ deleted }) => deleted === undefined || deleted > Date.now());
}

function main([program = "", folder = "", ...words]: readonly string[]): void {
  try {
    const respond = PROGRAMS[program];
    if (respond === undefined)
      throw new Refused(`usage: vendor.ts ${Object.keys(PROGRAMS).join("|")} <folder>`);
    if (existsSync(join(folder, "logged-out"))) throw new Refused(`${program}: not logged in`);
    console.log(JSON.stringify(respond(words, resourcesOf(folder))));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
