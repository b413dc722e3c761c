import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import type * as pulumi from "@pulumi/pulumi";
import { EXPIRES_TAG } from "../lifetime";
import type { Architecture } from "../types";
import type { ControlPlane } from "./control-plane";
import { createInstanceRole } from "./identity";
import { architecture } from "./machine-types";
import type { Network } from "./network";
import type { Scope } from "./scope";

/** Without the CNI's policy, because the CNI has its own role. Pulling from ECR needs no credentials. */
const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];

/** Amazon Linux 2023: the only Amazon Linux that EKS still publishes images for. */
const AMI_TYPE: Readonly<Record<Architecture, string>> = {
  amd64: "AL2023_x86_64_STANDARD",
  arm64: "AL2023_ARM_64_STANDARD",
};

/**
 * Creates the node group; returns it and its permissions.
 *
 * @param dependencies what nodes need to become ready, and what must outlive them
 */
export function createNodes(
  scope: Scope,
  { network, controlPlane }: { readonly network: Network; readonly controlPlane: ControlPlane },
  dependencies: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const { name, config, tags, named, options } = scope;
  const { nodes } = config;
  const role = createInstanceRole(scope, "nodes", POLICIES);
  const template = createLaunchTemplate(scope);
  const group = new NodeGroup(
    `${name}-nodes`,
    {
      clusterName: controlPlane.name,
      nodeGroupName: nodes.name,
      nodeRoleArn: role.arn,
      subnetIds: Object.values(network.privateSubnets).map(({ id }) => id),
      version: controlPlane.version,
      amiType: AMI_TYPE[architecture(nodes.machineType)],
      capacityType: nodes.spot ? "SPOT" : "ON_DEMAND",
      instanceTypes: [nodes.machineType, ...nodes.spotTypes],
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      scalingConfig: { desiredSize: nodes.count, minSize: nodes.min, maxSize: nodes.max },
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      tags: { ...tags, ...named(`-${nodes.name}`) },
    },
    options({
      dependsOn: [...dependencies, ...role.attachments],
      // The name is fixed, so a new machine type means that the old nodes are deleted first.
      deleteBeforeReplace: true,
      // If there is a range, an autoscaler sets the size.
      ...(nodes.min < nodes.max ? { ignoreChanges: ["scalingConfig.desiredSize"] } : {}),
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    }),
  );
  return [...role.attachments, group];
}

/** A node group's tags are not applied to its instances; those in its launch template are. */
const TAGGED_TYPES = ["instance", "volume", "network-interface"];

function createLaunchTemplate({ name, config, tags, named, options }: Scope): LaunchTemplate {
  const instanceTags = named(`-${config.nodes.name}`);
  return new LaunchTemplate(
    `${name}-nodes`,
    {
      updateDefaultVersion: true,
      // With one hop the instance can read its credentials, but its pods cannot.
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize: config.nodes.diskGb,
            encrypted: "true",
            deleteOnTermination: "true",
          },
        },
      ],
      tagSpecifications: TAGGED_TYPES.map((resourceType) => ({ resourceType, tags: instanceTags })),
      tags,
    },
    // A new template version replaces every node, and a later expiry is not worth that.
    options({ ignoreChanges: [`tagSpecifications[*].tags.${EXPIRES_TAG}`] }),
  );
}
