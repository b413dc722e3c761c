import { Cluster } from "@pulumi/aws/eks/cluster";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { waitUntilHealthy } from "./health";
import { kubeconfig } from "./kubeconfig";
import { ServiceRole } from "./service-role";

export const CLUSTER = "eks:index:Cluster";

/**
 * The component, with all that it creates by default turned off:
 * https://github.com/pulumi/pulumi-eks/blob/v4.3.0/nodejs/eks/cluster/cluster.ts
 */
export class EksCluster extends pulumi.ComponentResource {
  readonly eksCluster: Cluster;
  readonly kubeconfigJson: pulumi.Output<string>;

  constructor(
    name: string,
    inputs: pulumi.Inputs,
    opts: pulumi.ComponentResourceOptions,
    { timeScale = 0 }: { readonly timeScale?: number } = {},
  ) {
    super(CLUSTER, name, inputs, opts);
    const parent = { parent: this };
    const partition = getPartitionOutput({}, parent).partition;
    const policy = "policy/AmazonEKSClusterPolicy";
    const role = new ServiceRole(
      `${name}-eksRole`,
      {
        service: "eks.amazonaws.com",
        description: "Allows EKS to manage clusters on your behalf.",
        managedPolicyArns: [
          { id: `arn:aws:iam::aws:${policy}`, arn: pulumi.interpolate`arn:${partition}:iam::aws:${policy}` },
        ],
        tags: inputs.tags,
        assumeRoleActions: ["sts:AssumeRole", "sts:TagSession"],
      },
      parent,
    );
    const { encryptionConfigKeyArn: keyArn } = inputs;
    const cluster = new Cluster(
      `${name}-eksCluster`,
      {
        name: inputs.name,
        version: inputs.version,
        roleArn: role.role.arn,
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
        kubernetesNetworkConfig: {
          ipFamily: "ipv4",
          serviceIpv4Cidr: inputs.kubernetesServiceIpAddressRange,
        },
        ...(keyArn !== undefined && { encryptionConfig: { provider: { keyArn }, resources: ["secrets"] } }),
        enabledClusterLogTypes: inputs.enabledClusterLogTypes,
        upgradePolicy: inputs.upgradePolicy,
        deletionProtection: inputs.deletionProtection,
        bootstrapSelfManagedAddons: inputs.bootstrapSelfManagedAddons,
        tags: pulumi.output(inputs.tags).apply((tags) => ({ Name: `${name}-eksCluster`, ...tags })),
      },
      {
        ...parent,
        dependsOn: [role.withPolicies],
        ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
      },
    );
    const endpoint = cluster.endpoint.apply(async (url) => {
      if (!pulumi.runtime.isDryRun() && inputs.endpointPublicAccess === true)
        await waitUntilHealthy(url, timeScale);
      return url;
    });
    const connection = (includeProfile: boolean): pulumi.Output<string> =>
      pulumi
        .all([
          cluster.name,
          endpoint,
          cluster.certificateAuthority,
          cluster.arn,
          pulumi.output(credentialsOf(inputs)),
        ])
        .apply(([clusterName, url, { data }, arn, credentials]) =>
          JSON.stringify(
            kubeconfig({
              name: clusterName,
              endpoint: url,
              certificateAuthority: data,
              region: arn.split(":")[3] ?? "",
              credentials: includeProfile ? credentials : { ...credentials, profileName: undefined },
            }),
          ),
        );
    // Created even if nothing uses it, and earlier than the program's own.
    new Provider(`${name}-eks-k8s`, { kubeconfig: connection(true) }, parent);
    this.eksCluster = cluster;
    this.kubeconfigJson = connection(false);
    this.registerOutputs({ eksCluster: this.eksCluster, kubeconfigJson: this.kubeconfigJson });
  }
}

/** Without options the component records the profile of the user who runs the program. */
function credentialsOf({
  providerCredentialOpts,
}: pulumi.Inputs): pulumi.Input<{ roleArn?: string; profileName?: string }> {
  if (providerCredentialOpts !== undefined) return providerCredentialOpts;
  const profileName = process.env.AWS_PROFILE ?? new pulumi.Config("aws").get("profile");
  return profileName === undefined ? {} : { profileName };
}
