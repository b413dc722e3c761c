import { partOf } from "../cidr";

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
      private: partOf(vpc, EIGHTH_BITS, index),
      public: partOf(publicRange(vpc), PUBLIC_BITS - EIGHTH_BITS, index),
    };
  });

/** Range of all public subnets: the source of a load balancer's requests. */
export const publicRange = (vpc: string): string => partOf(vpc, EIGHTH_BITS, PUBLIC_EIGHTH);
