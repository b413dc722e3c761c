import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import type * as pulumi from "@pulumi/pulumi";
import { EXPIRES_TAG } from "../lifetime";
import type { ControlPlane } from "./control-plane";
import { createInstanceRole } from "./identity";
import { amiType } from "./machine-types";
import type { Network } from "./network";
import { type NodeGroupSpec, nodeGroups, type PoolSpec, pools } from "./node-groups";
import { isRange, rangeTags } from "./node-range";
import { nodeRelease } from "./releases";
import type { Scope } from "./scope";
import { hasZoneGroups } from "./zone-groups";

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
  const perZone = hasZoneGroups(scope.config);
  const groups = pools(scope.config).flatMap((pool) => {
    const shared = {
      ...args,
      roleArn: role.arn,
      dependencies: [...dependencies, ...role.attachments],
      // One template for all zones: the autoscaler balances groups whose nodes have the same labels, its id included.
      template: createLaunchTemplate(scope, pool),
      release: nodeRelease(scope, args.controlPlane, pool),
    };
    return nodeGroups(pool, scope.config, perZone).map((spec) => createGroup(scope, spec, shared));
  });
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
  readonly template: LaunchTemplate;
  readonly release: pulumi.Output<string> | undefined;
}

function createGroup(scope: Scope, spec: NodeGroupSpec, args: GroupArgs): NodeGroup {
  const { name, config, tags, named, options } = scope;
  const { network, controlPlane, roleArn, dependencies, template, release } = args;
  const { suffix, groupName, count, min, max, zone } = spec;
  const { machineTypes, spot, labels, taints } = spec.pool;
  return new NodeGroup(
    `${name}-${suffix}`,
    {
      clusterName: controlPlane.name,
      nodeGroupName: groupName,
      nodeRoleArn: roleArn,
      subnetIds: Object.entries(network.privateSubnets)
        .filter(([key]) => zone === undefined || key === zone.key)
        .map(([, { id }]) => id),
      version: controlPlane.version,
      releaseVersion: release,
      amiType: amiType(machineTypes[0]),
      capacityType: spot ? "SPOT" : "ON_DEMAND",
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
        ...rangeTags(config.name, spec),
      },
    },
    options({
      dependsOn: [...dependencies],
      // The name is fixed, so a new machine type means that the old nodes are deleted first.
      deleteBeforeReplace: true,
      ...(isRange(spec.pool) ? { ignoreChanges: ["scalingConfig"] } : {}),
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    }),
  );
}

/** A node group's tags are not applied to its instances; those in its launch template are. */
const TAGGED_TYPES = ["instance", "volume", "network-interface"];

function createLaunchTemplate(
  { name, tags, named, options }: Scope,
  { suffix, groupName, diskGb }: PoolSpec,
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
