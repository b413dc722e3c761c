import type { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Cluster } from "@pulumi/eks/cluster";
// Registers the class by which the SDK returns the cluster inside the component as a resource.
import "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import { credentials } from "./credentials";
import { ALL_ADDRESSES, type Network } from "./network";
import { roleLimits } from "./identity";
import type { Scope } from "./scope";

export interface ControlPlane {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly version: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  /** Base64-encoded PEM. */
  readonly certificateAuthority: pulumi.Output<string>;
  /** The group that EKS attaches to the control plane's network interfaces and to the nodes. */
  readonly securityGroupId: pulumi.Output<string>;
}

/**
 * Creates the control plane with the component of @pulumi/eks, which waits until the API responds. Everything else
 * the component could create is turned off and created separately: nodes and add-ons must be created, and above all
 * deleted, in an order (CNI, nodes, drivers, volumes), but `dependsOn` does not reach resources inside a component
 * of another process. Its ManagedNodeGroup has no update policy either, and its add-ons no pod identity.
 */
export function createControlPlane(
  { name, config, tags, options }: Scope,
  { network, logs }: { readonly network: Network; readonly logs: LogGroup },
): ControlPlane {
  const component = new Cluster(
    name,
    {
      name: after(config.name, logs),
      ...(config.version === undefined ? {} : { version: config.version }),
      // At the end of standard support EKS upgrades the cluster instead of charging six times the price.
      upgradePolicy: { supportType: "STANDARD" },
      vpcId: network.vpcId,
      subnetIds: Object.values(network.privateSubnets).map(({ id }) => id),
      kubernetesServiceIpAddressRange: config.network.serviceCidr,
      endpointPrivateAccess: true,
      endpointPublicAccess: !config.api.private,
      ...(config.api.private
        ? {}
        : { publicAccessCidrs: config.api.public ? [ALL_ADDRESSES] : config.api.cidrs }),
      authenticationMode: "API",
      enabledClusterLogTypes: config.logs.types,
      ...(config.kmsKey === undefined ? {} : { encryptionConfigKeyArn: config.kmsKey }),
      deletionProtection: config.deletionProtection,
      skipDefaultNodeGroup: true,
      // EKS's own group connects control plane and nodes; another one could only block the VPC's deletion.
      skipDefaultSecurityGroups: true,
      bootstrapSelfManagedAddons: false,
      useDefaultVpcCni: true,
      // Without these the component records the AWS_PROFILE of the user who runs the program.
      providerCredentialOpts: credentials(config),
      kubeProxyAddonOptions: { enabled: false },
      corednsAddonOptions: { enabled: false },
      tags,
    },
    // AWS refuses too, but only after every volume and node is deleted. This fails at the preview of a destroy.
    options({ protect: config.deletionProtection, ...limitRoles(config) }),
  );
  const cluster = component.eksCluster;
  return {
    name: cluster.apply((known) => known?.name),
    arn: cluster.apply((known) => known?.arn),
    version: cluster.apply((known) => known?.version),
    endpoint: cluster.apply((known) => known?.endpoint),
    certificateAuthority: cluster
      .apply((known) => known?.certificateAuthority)
      .apply((authority) => authority?.data),
    securityGroupId: cluster
      .apply((known) => known?.vpcConfig)
      .apply((vpcConfig) => vpcConfig?.clusterSecurityGroupId),
  };
}

/** The component has no inputs for the limits of its own role. */
function limitRoles(config: Config): pulumi.ResourceOptions {
  const limits = roleLimits(config);
  if (Object.keys(limits).length === 0) return {};
  return {
    transforms: [
      ({ type, props, opts }) =>
        type === "aws:iam/role:Role" ? { props: { ...props, ...limits }, opts } : undefined,
    ],
  };
}

/** The dependencies of an input, unlike `dependsOn`, reach the resources inside a component. */
const after = (value: string, resource: pulumi.Resource): pulumi.Output<string> =>
  resource.urn.apply(() => value);
