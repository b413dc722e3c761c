import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { ControlPlane } from "./control-plane";
import { EXPIRES_TAG } from "../lifetime";
import { amiType } from "./instances";
import type { Network } from "./network";
import { machineRole } from "./roles";
import type { Scope } from "./scope";

/** Not the CNI's policy: it has a role of its own. Pulling from ECR needs no key. */
const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];

/**
 * The node group, with the permissions that it works under.
 *
 * @param after what nodes need to come up, and what must be there until they are gone
 */
export function nodeGroup(
  scope: Scope,
  cluster: ControlPlane,
  network: Network,
  after: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const { name, config, tags, named, options } = scope;
  const { nodes } = config;
  const role = machineRole(scope, "nodes", POLICIES);
  const template = launchTemplate(scope);
  const group = new NodeGroup(
    `${name}-nodes`,
    {
      clusterName: cluster.name,
      nodeGroupName: nodes.name,
      nodeRoleArn: role.arn,
      subnetIds: Object.values(network.privateSubnets).map(({ id }) => id),
      version: cluster.version,
      amiType: amiType(nodes.machineType),
      capacityType: nodes.spot ? "SPOT" : "ON_DEMAND",
      instanceTypes: [nodes.machineType, ...nodes.spotTypes],
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      scalingConfig: { desiredSize: nodes.count, minSize: nodes.min, maxSize: nodes.max },
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      tags: { ...tags, ...named(`-${nodes.name}`) },
    },
    options({
      dependsOn: [...after, ...role.attachments],
      // Its name is fixed, so that another machine type takes the old nodes away first.
      deleteBeforeReplace: true,
      // Where there is a range, an autoscaler counts.
      ...(nodes.min < nodes.max ? { ignoreChanges: ["scalingConfig.desiredSize"] } : {}),
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    }),
  );
  return [...role.attachments, group];
}

/** Tags of a node group do not reach its machines; those of its launch template do. */
const TAGGED = ["instance", "volume", "network-interface"];

function launchTemplate({ name, config, tags, named, options }: Scope): LaunchTemplate {
  const machine = named(`-${config.nodes.name}`);
  return new LaunchTemplate(
    `${name}-nodes`,
    {
      updateDefaultVersion: true,
      // One hop: the machine gets at its credentials, its pods do not.
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
      tagSpecifications: TAGGED.map((resourceType) => ({ resourceType, tags: machine })),
      tags,
    },
    // Another version of the template replaces every node: a life that is made longer is not worth that.
    options({ ignoreChanges: [`tagSpecifications[*].tags.${EXPIRES_TAG}`] }),
  );
}
