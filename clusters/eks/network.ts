import { Eip } from "@pulumi/aws/ec2/eip";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { NatGateway } from "@pulumi/aws/ec2/natGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import { Vpc } from "@pulumi/aws/ec2/vpc";
import type * as pulumi from "@pulumi/pulumi";
import { zones } from "./config";
import type { Scope } from "./scope";
import { subnetPlan, type ZonePlan } from "./subnets";

export interface Network {
  readonly vpcId: pulumi.Output<string>;
  /** Of nodes and pods, by the letter of their zone. */
  readonly privateSubnets: Readonly<Record<string, Subnet>>;
  /** The nodes' way out, without which they neither join nor pull an image. */
  readonly routes: readonly pulumi.Resource[];
}

const ANYWHERE = "0.0.0.0/0";
/** Network interfaces that the CNI leaves behind hold a subnet for minutes. */
const SLOW_DELETE = { customTimeouts: { delete: "30m" } };

/** A VPC of the cluster's own: nodes in private subnets, behind one NAT gateway or one per zone. */
export function network(scope: Scope): Network {
  const { name, config, region, named, options } = scope;
  const plan = subnetPlan(config.network.cidr, zones(config, region));
  const vpc = new Vpc(
    name,
    {
      cidrBlock: config.network.cidr,
      // The private address of the API server, and those of EFS, are names.
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
    { routeTableId: publicTable.id, destinationCidrBlock: ANYWHERE, gatewayId: internet.id },
    options(),
  );
  const subnet = ({ zone, letter, ...ranges }: ZonePlan, kind: "public" | "private") =>
    new Subnet(
      `${name}-${kind}-${letter}`,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock: ranges[kind],
        mapPublicIpOnLaunch: false,
        tags: {
          ...named(`-${kind}-${letter}`),
          // By these the load balancer controller finds its subnets.
          [`kubernetes.io/role/${kind === "public" ? "elb" : "internal-elb"}`]: "1",
        },
      },
      options(SLOW_DELETE),
    );
  const join = (zone: ZonePlan, kind: string, { id: subnetId }: Subnet, { id: routeTableId }: RouteTable) =>
    new RouteTableAssociation(`${name}-${kind}-${zone.letter}`, { subnetId, routeTableId }, options());

  const publicSubnets = plan.map((zone) => {
    const made = subnet(zone, "public");
    return { zone, subnet: made, association: join(zone, "public", made, publicTable) };
  });
  const gateways = publicSubnets
    .slice(0, config.network.natPerZone ? undefined : 1)
    .map(({ zone: { letter }, subnet: { id: subnetId }, association }) => {
      const tags = named(`-${letter}`);
      // Outside addresses hold the internet gateway for as long as they are there.
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
    const made = subnet(zone, "private");
    const suffix = `-private-${letter}`;
    const table = new RouteTable(name + suffix, { vpcId: vpc.id, tags: named(suffix) }, options());
    const route = new Route(
      name + suffix,
      {
        routeTableId: table.id,
        destinationCidrBlock: ANYWHERE,
        natGatewayId: (gateways[i] ?? gateways[0])?.id,
      },
      options(),
    );
    return { letter, subnet: made, routes: [route, join(zone, "private", made, table)] };
  });

  return {
    vpcId: vpc.id,
    privateSubnets: Object.fromEntries(privateSubnets.map(({ letter, subnet: made }) => [letter, made])),
    routes: privateSubnets.flatMap(({ routes }) => routes),
  };
}
