import { Eip } from "@pulumi/aws/ec2/eip";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { NatGateway } from "@pulumi/aws/ec2/natGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import { Vpc } from "@pulumi/aws/ec2/vpc";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint";
import type * as pulumi from "@pulumi/pulumi";
import { zonesOf } from "./location";
import type { Scope } from "./scope";
import { subnetPlan, type ZonePlan } from "./subnets";

export interface Network {
  readonly vpcId: pulumi.Input<string>;
  /** Subnets of the nodes and pods, each in another zone: by its letter, or an existing one by its id. */
  readonly privateSubnets: Readonly<Record<string, { readonly id: pulumi.Input<string> }>>;
  /** The nodes' own routes to the internet, without which they can neither join nor pull an image. */
  readonly routes: readonly pulumi.Resource[];
}

export const ALL_ADDRESSES = "0.0.0.0/0";
/**
 * Network interfaces left behind by the CNI block a subnet's deletion for minutes. The provider retries for all of this
 * time, and what is still there then has another owner.
 */
const SLOW_DELETE = { customTimeouts: { delete: "10m" } };

/** The network of the configuration: an existing one is never changed, and so never deleted. */
export function createNetwork(scope: Scope): Network {
  const { existing } = scope.config.network;
  if (existing === undefined) return createOwn(scope);
  const { vpcId, subnetIds } = existing;
  return { vpcId, privateSubnets: Object.fromEntries(subnetIds.map((id) => [id, { id }])), routes: [] };
}

/** Creates the cluster's own VPC: nodes in private subnets, behind one NAT gateway or one per zone. */
function createOwn(scope: Scope): Network {
  const { name, config, region, named, options } = scope;
  const plan = subnetPlan(config.network.cidr, zonesOf(config, region));
  const vpc = new Vpc(
    name,
    {
      cidrBlock: config.network.cidr,
      // Nodes reach the API server's private endpoint, and EFS, by DNS name.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: named(""),
    },
    options(),
  );
  const internet = new InternetGateway(name, { vpcId: vpc.id, tags: named("") }, options());

  const publicTable = new RouteTable(`${name}-public`, { vpcId: vpc.id, tags: named("-public") }, options());
  const publicRoute = new Route(
    `${name}-public`,
    { routeTableId: publicTable.id, destinationCidrBlock: ALL_ADDRESSES, gatewayId: internet.id },
    options(),
  );
  const createSubnet = ({ zone, letter, ...ranges }: ZonePlan, kind: "public" | "private") =>
    new Subnet(
      `${name}-${kind}-${letter}`,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock: ranges[kind],
        mapPublicIpOnLaunch: false,
        tags: {
          ...named(`-${kind}-${letter}`),
          // The load balancer controller discovers its subnets by this tag.
          [`kubernetes.io/role/${kind === "public" ? "elb" : "internal-elb"}`]: "1",
        },
      },
      options(SLOW_DELETE),
    );
  const associate = (
    zone: ZonePlan,
    kind: string,
    { id: subnetId }: Subnet,
    { id: routeTableId }: RouteTable,
  ) => new RouteTableAssociation(`${name}-${kind}-${zone.letter}`, { subnetId, routeTableId }, options());

  const publicSubnets = plan.map((zone) => {
    const subnet = createSubnet(zone, "public");
    return { zone, subnet, association: associate(zone, "public", subnet, publicTable) };
  });
  const gateways = publicSubnets
    .slice(0, config.network.natPerZone ? undefined : 1)
    .map(({ zone: { letter }, subnet: { id: subnetId }, association }) => {
      const tags = named(`-${letter}`);
      // The internet gateway cannot be detached while public addresses exist.
      const dependsOn = [publicRoute, association];
      const address = new Eip(`${name}-nat-${letter}`, { domain: "vpc", tags }, options({ dependsOn }));
      return new NatGateway(
        `${name}-${letter}`,
        { allocationId: address.id, subnetId, tags },
        options({ dependsOn }),
      );
    });

  const privateSubnets = plan.map((zone, i) => {
    const { letter } = zone;
    const subnet = createSubnet(zone, "private");
    const suffix = `-private-${letter}`;
    const table = new RouteTable(name + suffix, { vpcId: vpc.id, tags: named(suffix) }, options());
    const route = new Route(
      name + suffix,
      {
        routeTableId: table.id,
        destinationCidrBlock: ALL_ADDRESSES,
        natGatewayId: (gateways[i] ?? gateways[0])?.id,
      },
      options(),
    );
    return { letter, subnet, table, routes: [route, associate(zone, "private", subnet, table)] };
  });
  // Layers of images in ECR, and the packages of Amazon Linux, are in S3: free on this way, billed through a NAT gateway.
  new VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: vpc.id,
      vpcEndpointType: "Gateway",
      serviceName: `com.amazonaws.${region}.s3`,
      routeTableIds: privateSubnets.map(({ table }) => table.id),
      tags: named("-s3"),
    },
    options(),
  );

  return {
    vpcId: vpc.id,
    privateSubnets: Object.fromEntries(privateSubnets.map(({ letter, subnet }) => [letter, subnet])),
    routes: privateSubnets.flatMap(({ routes }) => routes),
  };
}
