/** Address ranges of IPv4 that are not part of the internet. */

/** Private networks. */
export const RFC1918 = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Carrier-grade NAT (RFC 6598). */
export const CARRIER_NAT = "100.64.0.0/10";

/** Link-local addresses (RFC 3927), among them every cloud's metadata server. */
export const LINK_LOCAL = "169.254.0.0/16";

export const PRIVATE_RANGES = [...RFC1918, CARRIER_NAT, LINK_LOCAL] as const;
