import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import type * as pulumi from "@pulumi/pulumi";
import { EXPIRES_TAG } from "../lifetime";
import type { ControlPlane } from "./control-plane";
import { createInstanceRole } from "./identity";
import { amiType } from "./machine-types";
import type { Network } from "./network";
import { type NodeGroupSpec, nodeGroups } from "./node-groups";
import { isRange, rangeTags } from "./node-range";
import { nodeRelease } from "./releases";
import type { Scope } from "./scope";

/** Without the CNI's policy, because the CNI has its own role. Pulling from ECR needs no credentials. */
const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];

/** What nodes need. */
interface NodesArgs {
  readonly network: Network;
  readonly controlPlane: ControlPlane;
}

/**
 * Creates the node groups; returns them and their permissions.
 *
 * @param dependencies what nodes need to become ready, and what must outlive them
 */
export function createNodes(
  scope: Scope,
  args: NodesArgs,
  dependencies: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const role = createInstanceRole(scope, "nodes", POLICIES);
  const groups = nodeGroups(scope.config).map((spec) =>
    createGroup(scope, spec, {
      ...args,
      roleArn: role.arn,
      dependencies: [...dependencies, ...role.attachments],
    }),
  );
  return [...role.attachments, ...groups];
}

/** The effects of taints as EKS spells them. */
const EFFECTS = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
} as const;

interface GroupArgs extends NodesArgs {
  readonly roleArn: pulumi.Output<string>;
  readonly dependencies: readonly pulumi.Resource[];
}

function createGroup(scope: Scope, spec: NodeGroupSpec, args: GroupArgs): NodeGroup {
  const { name, config, tags, named, options } = scope;
  const { network, controlPlane, roleArn, dependencies } = args;
  const { suffix, groupName, at, machineTypes, count, min, max, labels, taints } = spec;
  const template = createLaunchTemplate(scope, spec);
  return new NodeGroup(
    `${name}-${suffix}`,
    {
      clusterName: controlPlane.name,
      nodeGroupName: groupName,
      nodeRoleArn: roleArn,
      subnetIds: Object.values(network.privateSubnets).map(({ id }) => id),
      version: controlPlane.version,
      releaseVersion: nodeRelease(scope, controlPlane, spec),
      amiType: amiType(machineTypes[0]),
      capacityType: spec.spot ? "SPOT" : "ON_DEMAND",
      instanceTypes: [...machineTypes],
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      scalingConfig: { desiredSize: count, minSize: min, maxSize: max },
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(taints.length === 0
        ? {}
        : { taints: taints.map(({ effect, ...taint }) => ({ ...taint, effect: EFFECTS[effect] })) }),
      tags: {
        ...tags,
        ...named(`-${groupName}`),
        ...rangeTags({ cluster: config.name, group: groupName, min, max, at }),
      },
    },
    options({
      dependsOn: [...dependencies],
      // The name is fixed, so a new machine type means that the old nodes are deleted first.
      deleteBeforeReplace: true,
      ...(isRange(spec) ? { ignoreChanges: ["scalingConfig"] } : {}),
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    }),
  );
}

/** A node group's tags are not applied to its instances; those in its launch template are. */
const TAGGED_TYPES = ["instance", "volume", "network-interface"];

function createLaunchTemplate(
  { name, tags, named, options }: Scope,
  { suffix, groupName, diskGb }: NodeGroupSpec,
): LaunchTemplate {
  const instanceTags = named(`-${groupName}`);
  return new LaunchTemplate(
    `${name}-${suffix}`,
    {
      updateDefaultVersion: true,
      // With one hop the instance can read its credentials, but its pods cannot.
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: diskGb, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: TAGGED_TYPES.map((resourceType) => ({ resourceType, tags: instanceTags })),
      tags,
    },
    // A new template version replaces every node, and a later expiry is not worth that.
    options({ ignoreChanges: [`tagSpecifications[*].tags.${EXPIRES_TAG}`] }),
  );
}
