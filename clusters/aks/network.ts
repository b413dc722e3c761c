import { Subnet, VirtualNetwork } from "@pulumi/azure-native/network";
import type * as pulumi from "@pulumi/pulumi";
import { type Scope, SLOW } from "./scope";

/** The subnet of the nodes. Pods have addresses in an overlay, which do not exist outside the cluster. */
export interface Network {
  readonly subnetId: pulumi.Input<string>;
  readonly vnetId: pulumi.Input<string>;
}

export function createNetwork(scope: Scope): Network {
  const { existing } = scope.config.network;
  return existing === undefined
    ? createOwn(scope)
    : { subnetId: existing.subnetId, vnetId: existing.subnetId.replace(/\/subnets\/[^/]+$/i, "") };
}

function createOwn({ name, config, group, tags, options }: Scope): Network {
  const vnet = new VirtualNetwork(
    name,
    {
      resourceGroupName: group.name,
      addressSpace: { addressPrefixes: [config.network.vnet] },
      tags,
    },
    // The subnet is a separate resource; otherwise an update of the network would delete it.
    options({ customTimeouts: SLOW, ignoreChanges: ["subnets"] }),
  );
  const subnet = new Subnet(
    `${name}-nodes`,
    {
      resourceGroupName: group.name,
      virtualNetworkName: vnet.name,
      addressPrefix: config.network.nodes,
      // NFS shares need this endpoint. The driver would add it itself, and the next `up` would remove it.
      serviceEndpoints: [{ service: "Microsoft.Storage" }],
    },
    options({ customTimeouts: SLOW }),
  );
  return { subnetId: subnet.id, vnetId: vnet.id };
}
