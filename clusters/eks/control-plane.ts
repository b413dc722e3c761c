import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Cluster } from "@pulumi/eks/cluster";
// So that the SDK can hand out the cluster inside the component as a resource.
import "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "./network";
import type { Scope } from "./scope";

export interface ControlPlane {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly version: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  /** Base64 PEM. */
  readonly certificateAuthority: pulumi.Output<string>;
  /** What EKS puts on the control plane's network interfaces and on the nodes. */
  readonly securityGroupId: pulumi.Output<string>;
}

const LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
const EVERYWHERE = "0.0.0.0/0";

/**
 * The control plane, by the component of @pulumi/eks, which waits until its API answers. All that the component
 * would add to it is left off and made beside it. Nodes and add-ons must come, and above all go, in an order
 * (CNI, nodes, drivers, volumes), and `dependsOn` does not reach the resources inside a component of another
 * process; nor does its ManagedNodeGroup take an update policy, or its add-ons a pod identity.
 */
export function controlPlane({ name, config, tags, options }: Scope, network: Network): ControlPlane {
  // EKS itself would make it, to be kept for ever; and a late line would make it anew after its deletion.
  const logs = new LogGroup(
    name,
    { name: `/aws/eks/${config.name}/cluster`, retentionInDays: config.logs.retentionDays, tags },
    options(),
  );
  const cluster = new Cluster(
    name,
    {
      name: after(config.name, logs),
      ...(config.version === undefined ? {} : { version: config.version }),
      // End of standard support is an upgrade, not six times the price.
      upgradePolicy: { supportType: "STANDARD" },
      vpcId: network.vpcId,
      subnetIds: Object.values(network.privateSubnets).map(({ id }) => id),
      kubernetesServiceIpAddressRange: config.network.serviceCidr,
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: config.api.public ? [EVERYWHERE] : config.api.cidrs,
      authenticationMode: "API",
      enabledClusterLogTypes: LOGS,
      ...(config.kmsKey === undefined ? {} : { encryptionConfigKeyArn: config.kmsKey }),
      deletionProtection: config.deletionProtection,
      skipDefaultNodeGroup: true,
      // The one that EKS makes lets control plane and nodes talk; a second is one more to hold the VPC.
      skipDefaultSecurityGroups: true,
      bootstrapSelfManagedAddons: false,
      useDefaultVpcCni: true,
      kubeProxyAddonOptions: { enabled: false },
      corednsAddonOptions: { enabled: false },
      tags,
    },
    // AWS refuses too, but only once every volume and node is gone: this stops the preview of a destroy.
    options({ protect: config.deletionProtection }),
  );
  const inside = cluster.eksCluster;
  return {
    name: inside.apply((made) => made?.name),
    arn: inside.apply((made) => made?.arn),
    version: inside.apply((made) => made?.version),
    endpoint: inside.apply((made) => made?.endpoint),
    certificateAuthority: inside.apply((made) => made?.certificateAuthority).apply((made) => made?.data),
    securityGroupId: inside.apply((made) => made?.vpcConfig).apply((made) => made?.clusterSecurityGroupId),
  };
}

/** What an input depends on does reach the resources inside a component. */
const after = (value: string, resource: pulumi.Resource): pulumi.Output<string> =>
  resource.urn.apply(() => value);
