/** Arithmetic on IPv4 ranges, for the rules between a cluster's networks. Formats are checked before. */

/** What no address on the internet has: RFC 1918, carrier NAT (RFC 6598), link-local. */
export const PRIVATE_RANGES = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
] as const;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** How many addresses a range has. */
export const sizeOf = (cidr: string): number => 2 ** (32 - Number(cidr.split("/")[1] ?? 32));

/** Whether `outer` has all addresses of `inner`, a range or one address. */
export function contains(outer: string, inner: string): boolean {
  const [o, i] = [span(outer), span(inner)];
  return o.first <= i.first && i.last <= o.last;
}

export function overlaps(a: string, b: string): boolean {
  const [x, y] = [span(a), span(b)];
  return x.first <= y.last && y.first <= x.last;
}

/** The range as clouds write it: the bits of the host at zero. */
export function canonical(cidr: string): string {
  const { first } = span(cidr);
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${cidr.split("/")[1] ?? 32}`;
}

function span(cidr: string): Span {
  const address = (cidr.split("/")[0] ?? "").split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = sizeOf(cidr);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}
