/**
 * The program behind `pulumi-resource-eks`: the component `eks:index:Cluster` of @pulumi/eks, to the extent that a
 * program with all its defaults turned off needs it. As with the real one, the aws plugin creates its resources,
 * through the engine. The real one uses an aws plugin of its own version; this one uses the program's.
 */
import { execFileSync } from "node:child_process";
import { Cluster } from "@pulumi/aws/eks/cluster";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { main } from "@pulumi/pulumi/provider";

import { endWithParent } from "../parent";
import { sdkVersion } from "../sdk";
import { World } from "../world";

const CLUSTER = "eks:index:Cluster";

/** Inputs that turn off everything that the component creates by default. */
const DEFAULTS_OFF = {
  skipDefaultNodeGroup: true,
  skipDefaultSecurityGroups: true,
  useDefaultVpcCni: true,
  "corednsAddonOptions.enabled": false,
  "kubeProxyAddonOptions.enabled": false,
};

class EksCluster extends pulumi.ComponentResource {
  readonly eksCluster: Cluster;
  readonly kubeconfigJson: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.ComponentResourceOptions) {
    super(CLUSTER, name, {}, opts);
    const parent = { parent: this };
    const role = new Role(
      `${name}-eksRole-role`,
      {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["sts:AssumeRole", "sts:TagSession"],
              Principal: { Service: "eks.amazonaws.com" },
            },
          ],
        }),
        tags: inputs.tags,
      },
      parent,
    );
    const policy = new RolePolicyAttachment(
      `${name}-eksRole-policy`,
      { role: role.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" },
      parent,
    );
    const { encryptionConfigKeyArn: keyArn } = inputs;
    this.eksCluster = new Cluster(
      `${name}-eksCluster`,
      {
        name: inputs.name,
        version: inputs.version,
        roleArn: role.arn,
        vpcConfig: {
          subnetIds: inputs.subnetIds,
          endpointPrivateAccess: inputs.endpointPrivateAccess,
          endpointPublicAccess: inputs.endpointPublicAccess,
          publicAccessCidrs: inputs.publicAccessCidrs,
        },
        accessConfig: {
          authenticationMode: inputs.authenticationMode,
          bootstrapClusterCreatorAdminPermissions: true,
        },
        kubernetesNetworkConfig: { serviceIpv4Cidr: inputs.kubernetesServiceIpAddressRange },
        ...(keyArn !== undefined && { encryptionConfig: { provider: { keyArn }, resources: ["secrets"] } }),
        enabledClusterLogTypes: inputs.enabledClusterLogTypes,
        upgradePolicy: inputs.upgradePolicy,
        deletionProtection: inputs.deletionProtection,
        bootstrapSelfManagedAddons: inputs.bootstrapSelfManagedAddons,
        tags: inputs.tags,
      },
      {
        ...parent,
        dependsOn: [policy],
        ignoreChanges: ["bootstrapSelfManagedAddons", "accessConfig.bootstrapClusterCreatorAdminPermissions"],
      },
    );
    this.kubeconfigJson = pulumi.jsonStringify({ server: this.eksCluster.endpoint });
    this.registerOutputs({ eksCluster: this.eksCluster, kubeconfigJson: this.kubeconfigJson });
  }
}

/** The component reads these as plain values, even if the program passes outputs. */
async function refuseDefaults(inputs: pulumi.Inputs): Promise<void> {
  for (const [path, expected] of Object.entries(DEFAULTS_OFF)) {
    const [key = "", inner] = path.split(".");
    const value = await promised(inputs[key]);
    const actual = inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner];
    if (actual !== expected)
      throw new Error(`the stub of ${CLUSTER} can only be used with ${path}: ${expected}`);
  }
}

const promised = (value: unknown): Promise<unknown> =>
  (pulumi.output(value) as unknown as { promise: () => Promise<unknown> }).promise();

/** The real one requires it in previews too. */
function requireAws(): void {
  try {
    execFileSync("aws", ["--version"], { stdio: "ignore" });
  } catch {
    throw new Error(
      "Could not find aws CLI for EKS. See https://github.com/pulumi/pulumi-eks for installation instructions.",
    );
  }
}

const [, , , dir = "", ...engine] = process.argv;
const world = new World(dir);
endWithParent();
void main(
  {
    version: sdkVersion("eks"),
    construct: async (name, token, inputs, options) => {
      const refuse = (message: string): never => {
        world.record({ plugin: "eks", method: "Construct", token, name, outcome: "refused", message });
        throw new Error(message);
      };
      if (token !== CLUSTER) refuse(`unknown resource type ${token}`);
      try {
        requireAws();
        await refuseDefaults(inputs);
      } catch (error) {
        refuse((error as Error).message);
      }
      const { urn, eksCluster, kubeconfigJson } = new EksCluster(name, inputs, options);
      world.record({ plugin: "eks", method: "Construct", token, name, outcome: "ok" });
      return { urn, state: { eksCluster, kubeconfigJson } };
    },
  },
  engine,
);
