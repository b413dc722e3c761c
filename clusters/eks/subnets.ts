/** The subnets of one zone, and the letter that identifies the zone within its region. */
export interface ZonePlan {
  readonly zone: string;
  readonly letter: string;
  readonly private: string;
  readonly public: string;
}

/** The VPC in eighths: one for the nodes and pods of each zone a to f, the last for all public subnets. */
const EIGHTH_BITS = 3;
const PUBLIC_EIGHTH = 7;
/** Each public subnet is a 256th of the VPC: it holds NAT gateways and load balancers only. */
const PUBLIC_BITS = 8;

/** A zone's ranges do not depend on the other zones, so that adding a zone moves no subnet. */
export const subnetPlan = (vpc: string, zones: readonly string[]): ZonePlan[] =>
  zones.map((zone) => {
    const letter = zone.slice(-1);
    const index = letter.charCodeAt(0) - "a".charCodeAt(0);
    return {
      zone,
      letter,
      private: part(vpc, EIGHTH_BITS, index),
      public: part(publicRange(vpc), PUBLIC_BITS - EIGHTH_BITS, index),
    };
  });

/** Range of all public subnets: the source of a load balancer's requests. */
export const publicRange = (vpc: string): string => part(vpc, EIGHTH_BITS, PUBLIC_EIGHTH);

/** Address of the cluster's DNS resolver: the tenth of the Services' range. */
export const resolverAddress = (serviceCidr: string): string => text(first(serviceCidr) + 10);

/** The n-th of the 2^bits equal parts of a range, counted from 0. */
function part(range: string, bits: number, n: number): string {
  const length = Number(range.split("/")[1]) + bits;
  return `${text(first(range) + n * 2 ** (32 - length))}/${length}`;
}

const first = (range: string): number =>
  (range.split("/")[0] ?? "").split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

const text = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
