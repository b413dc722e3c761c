import { commandLine } from "../../../lib/shell";
import type { BlockerQuery, Found, Place } from "../../operations";
import { aws, json } from "./aws";

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/**
 * GuardDuty's runtime monitoring creates an endpoint and a security group in every VPC with EKS, unasked, and deletes
 * neither with the cluster: https://github.com/hashicorp/terraform-provider-aws/issues/46747
 */
const isGuardDutys = (tags: readonly Tag[] = []): boolean =>
  tags.some(({ Key }) => Key === "GuardDutyManaged");

const foreign = (what: string, id: string, remove: readonly string[] = []): Found => ({
  what,
  id,
  createdBy: "cluster",
  remove,
});

const command = (place: Place, ...words: string[]): string => commandLine(aws(place, ...words));

type Blocker = BlockerQuery<never>;

const query = (about: string, action: string, found: Blocker["found"]): Blocker => ({
  about,
  networkType: "aws:ec2/vpc:Vpc",
  ask: (vpc, place) =>
    json(place, "ec2", action, "--filters", JSON.stringify([{ Name: "vpc-id", Values: [vpc] }])),
  found,
});

interface Endpoint {
  readonly VpcEndpointId: string;
  readonly ServiceName?: string;
  readonly Tags?: readonly Tag[];
}
interface Interface {
  readonly NetworkInterfaceId: string;
  readonly Description?: string;
  readonly InterfaceType?: string;
}
interface Group {
  readonly GroupId: string;
  readonly GroupName?: string;
  readonly Tags?: readonly Tag[];
}

export const blockers: readonly Blocker[] = [
  query(
    "endpoints in the VPC",
    "describe-vpc-endpoints",
    ({ VpcEndpoints }: { VpcEndpoints: Endpoint[] }, place) =>
      VpcEndpoints.map(({ VpcEndpointId: id, ServiceName, Tags }) =>
        foreign(
          `VPC endpoint of ${ServiceName ?? "an unknown service"}`,
          id,
          isGuardDutys(Tags) ? [command(place, "ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", id)] : [],
        ),
      ),
  ),
  query(
    "network interfaces in the VPC",
    "describe-network-interfaces",
    ({ NetworkInterfaces }: { NetworkInterfaces: Interface[] }) =>
      // An endpoint's own interfaces go with it.
      NetworkInterfaces.filter(({ InterfaceType }) => InterfaceType !== "vpc_endpoint").map(
        ({ NetworkInterfaceId: id, Description = "" }) =>
          foreign(Description === "" ? "network interface" : `network interface (${Description})`, id),
      ),
  ),
  query(
    "security groups in the VPC",
    "describe-security-groups",
    ({ SecurityGroups }: { SecurityGroups: Group[] }, place) =>
      SecurityGroups.filter(({ GroupName }) => GroupName !== "default").map(
        ({ GroupId: id, GroupName, Tags }) =>
          foreign(
            `security group ${GroupName ?? ""}`.trim(),
            id,
            isGuardDutys(Tags) ? [command(place, "ec2", "delete-security-group", "--group-id", id)] : [],
          ),
      ),
  ),
];
