/** The subnets of one zone, and the letter that tells its zone from the others of the region. */
export interface ZonePlan {
  readonly zone: string;
  readonly letter: string;
  readonly private: string;
  readonly public: string;
}

/** Eighths of the VPC: one for the nodes and pods of each zone a to f, the last for all public subnets. */
const EIGHTH = 3;
const PUBLIC_EIGHTH = 7;
/** Public subnets hold NAT gateways and load balancers only: a 256th of the VPC each. */
const PUBLIC = 8;

/** A zone has the same ranges whichever zones are beside it, so that one more zone moves no subnet. */
export const subnetPlan = (vpc: string, zones: readonly string[]): ZonePlan[] =>
  zones.map((zone) => {
    const letter = zone.slice(-1);
    const index = letter.charCodeAt(0) - "a".charCodeAt(0);
    return {
      zone,
      letter,
      private: part(vpc, EIGHTH, index),
      public: part(publicRange(vpc), PUBLIC - EIGHTH, index),
    };
  });

/** All public subnets: where a load balancer's requests come from. */
export const publicRange = (vpc: string): string => part(vpc, EIGHTH, PUBLIC_EIGHTH);

/** Address of the resolver of a cluster: EKS gives it the tenth of its Services. */
export const resolverAddress = (serviceCidr: string): string => text(first(serviceCidr) + 10);

/** The n-th part, from 0, of a range cut into 2^bits. */
function part(range: string, bits: number, n: number): string {
  const length = Number(range.split("/")[1]) + bits;
  return `${text(first(range) + n * 2 ** (32 - length))}/${length}`;
}

const first = (range: string): number =>
  (range.split("/")[0] ?? "").split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

const text = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
