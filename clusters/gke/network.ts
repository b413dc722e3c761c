import { Network } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import type * as pulumi from "@pulumi/pulumi";
import { type Config, MANAGED_SERVICES } from "./config";
import { regionOf } from "./location";

export const PODS_RANGE = "pods";
export const SERVICES_RANGE = "services";

/** Load balancers and firewall rules of the cluster's controllers go some minutes after it. */
const DELETE_TIMEOUT = "20m";

/** A network of the cluster's own: one subnet, and a way out for nodes without a public address. */
export interface ClusterNetwork {
  readonly network: Network;
  readonly subnet: Subnetwork;
  readonly nat: RouterNat;
}

export function createNetwork(
  name: string,
  config: Config,
  dependsOn: pulumi.Resource[],
  parent: pulumi.Resource,
): ClusterNetwork {
  const region = regionOf(config.location);
  const { nodes, pods, services } = config.network;
  const slow = { parent, customTimeouts: { delete: DELETE_TIMEOUT } };

  const network = new Network(
    `${name}-network`,
    { name: config.name, autoCreateSubnetworks: false, routingMode: "REGIONAL" },
    { ...slow, dependsOn },
  );
  const subnet = new Subnetwork(
    `${name}-subnet`,
    {
      name: config.name,
      network: network.id,
      region,
      ipCidrRange: nodes,
      secondaryIpRanges: [
        { rangeName: PODS_RANGE, ipCidrRange: pods },
        ...(services === MANAGED_SERVICES ? [] : [{ rangeName: SERVICES_RANGE, ipCidrRange: services }]),
      ],
      // Nodes reach the registry and the logs without a detour over the internet.
      privateIpGoogleAccess: true,
    },
    slow,
  );
  const router = new Router(`${name}-router`, { name: config.name, network: network.id, region }, { parent });
  const nat = new RouterNat(
    `${name}-nat`,
    {
      name: config.name,
      router: router.name,
      region,
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetworks: [{ name: subnet.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    },
    { parent },
  );
  return { network, subnet, nat };
}
