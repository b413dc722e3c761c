import { Network as VpcNetwork } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import type * as pulumi from "@pulumi/pulumi";
import { MANAGED_SERVICES } from "./config";
import type { Scope } from "./scope";

const PODS_RANGE = "pods";
const SERVICES_RANGE = "services";

/** The cluster's controllers delete their load balancers and firewall rules some minutes after it. */
const DELETE_TIMEOUT = "20m";

/** The network of the nodes and pods. Nodes have no public address. */
export interface Network {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetId: pulumi.Input<string>;
  /** Names of the subnet's secondary ranges. Google manages a range of Services that has none. */
  readonly ranges: { readonly pods: string; readonly services?: string };
  /** What the program creates for the nodes' traffic to the internet. */
  readonly routes: readonly pulumi.Resource[];
  /** Parameters of the storage class whose volumes are in the network. */
  readonly filestore: Readonly<Record<string, pulumi.Input<string>>>;
}

/** The cluster's own VPC: one subnet, and a NAT gateway. */
export function createNetwork(
  { name, config, region, description, options }: Scope,
  dependsOn: pulumi.Resource[],
): Network {
  const { nodes, pods, services } = config.network;
  const customTimeouts = { delete: DELETE_TIMEOUT };
  // Another description would replace a network that has none yet.
  const ignoreChanges = ["description"];

  const vpc = new VpcNetwork(
    `${name}-network`,
    { name: config.name, description, autoCreateSubnetworks: false, routingMode: "REGIONAL" },
    options({ customTimeouts, dependsOn, ignoreChanges }),
  );
  const subnet = new Subnetwork(
    `${name}-subnet`,
    {
      name: config.name,
      description,
      network: vpc.id,
      region,
      ipCidrRange: nodes,
      secondaryIpRanges: [
        { rangeName: PODS_RANGE, ipCidrRange: pods },
        ...(services === MANAGED_SERVICES ? [] : [{ rangeName: SERVICES_RANGE, ipCidrRange: services }]),
      ],
      // Nodes reach the registry and Cloud Logging without going through the NAT gateway.
      privateIpGoogleAccess: true,
    },
    options({ customTimeouts, ignoreChanges }),
  );
  const router = new Router(
    `${name}-router`,
    { name: config.name, description, network: vpc.id, region },
    options(),
  );
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
    options(),
  );
  return {
    vpcId: vpc.id,
    subnetId: subnet.id,
    ranges: {
      pods: PODS_RANGE,
      ...(services === MANAGED_SERVICES ? {} : { services: SERVICES_RANGE }),
    },
    routes: [nat],
    filestore: { network: vpc.name },
  };
}
