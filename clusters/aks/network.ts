import { Subnet, VirtualNetwork } from "@pulumi/azure-native/network";
import { type Scope, SLOW } from "./scope";

/** The network of the nodes. Pods have addresses of an overlay, which exist nowhere outside. */
export function network({ name, config, group, tags, options }: Scope): Subnet {
  const vnet = new VirtualNetwork(
    name,
    {
      resourceGroupName: group.name,
      addressSpace: { addressPrefixes: [config.network.vnet] },
      tags,
    },
    // The subnet is a resource of its own; without this an update of the network would take it away.
    options({ customTimeouts: SLOW, ignoreChanges: ["subnets"] }),
  );
  return new Subnet(
    `${name}-nodes`,
    {
      resourceGroupName: group.name,
      virtualNetworkName: vnet.name,
      addressPrefix: config.network.nodes,
      // NFS shares are reached by it; the driver would add it itself, and a later `up` would take it away.
      serviceEndpoints: [{ service: "Microsoft.Storage" }],
    },
    options({ customTimeouts: SLOW }),
  );
}
