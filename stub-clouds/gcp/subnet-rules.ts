import type { Context, Values } from "../types";
import { SUBNETWORK } from "./tokens";

/** https://docs.cloud.google.com/vpc/docs/subnets#ipv4-subnet-ranges; the wording is not Google's. */
const MAX_BITS = 29;

interface Range {
  readonly field: string;
  readonly cidr: string;
}

const rangesOf = ({ ipCidrRange, secondaryIpRanges = [] }: Values): Range[] => [
  { field: "resource.ipCidrRange", cidr: ipCidrRange },
  ...secondaryIpRanges.map(({ ipCidrRange: cidr }: Values, i: number) => ({
    field: `resource.secondaryIpRanges[${i}].ipCidrRange`,
    cidr,
  })),
];

function bounds(cidr: string): readonly [first: number, last: number] {
  const [address = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  return [first, first + size - 1];
}

function overlap(one: string, other: string): boolean {
  const [[a, b], [c, d]] = [bounds(one), bounds(other)];
  return a <= d && c <= b;
}

/**
 * Ranges of one network must not overlap. The message:
 * https://github.com/terraform-google-modules/terraform-google-network/issues/20
 */
export function subnetRefusals(inputs: Values, { all, config }: Context): string[] {
  const own = rangesOf(inputs);
  const small = own.filter(({ cidr }) => Number(cidr.split("/")[1]) > MAX_BITS);
  const others = all(SUBNETWORK).filter(
    (each) => each.inputs.network === inputs.network && each.inputs.name !== inputs.name,
  );
  const conflict = (range: Range, { name, region }: Values) =>
    `Invalid value for field '${range.field}': '${range.cidr}'. Invalid IPCidrRange: ${range.cidr} conflicts with ` +
    `existing subnetwork '${name}' in region '${region ?? config.region}'.`;
  return [
    ...small.map(
      ({ field, cidr }) =>
        `Invalid value for field '${field}': '${cidr}'. It must be a /${MAX_BITS} or larger.`,
    ),
    ...own.flatMap((range, i) => [
      ...(own.slice(0, i).some((earlier) => overlap(earlier.cidr, range.cidr))
        ? [conflict(range, inputs)]
        : []),
      ...others
        .filter((each) => rangesOf(each.inputs).some(({ cidr }) => overlap(cidr, range.cidr)))
        .map((each) => conflict(range, each.inputs)),
    ]),
  ];
}
