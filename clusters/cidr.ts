/** Arithmetic on IPv4 ranges, for the rules between a cluster's networks. Formats are checked before. */

export const RFC1918 = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** What no address on the internet has: RFC 1918, carrier NAT (RFC 6598), link-local. */
export const PRIVATE_RANGES = [...RFC1918, "100.64.0.0/10", "169.254.0.0/16"] as const;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** How many addresses a range has. */
export const sizeOf = (cidr: string): number => 2 ** (32 - bitsOf(cidr));

/** Length of the prefix. */
export const bitsOf = (cidr: string): number => Number(cidr.split("/")[1] ?? 32);

/** Prefix of the narrowest range that has so many addresses. */
export const bitsFor = (addresses: number): number => 32 - Math.ceil(Math.log2(addresses));

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
export const canonical = (cidr: string): string => rangeAt(span(cidr).first, bitsOf(cidr));

/** The range of that prefix that has the address of another one. */
export const resized = (cidr: string, bits: number): string => canonical(`${cidr.split("/")[0]}/${bits}`);

/** What to offer for a range: the first of the wishes that is apart from the others, or a private one that is. */
export function rangeApart(
  bits: number,
  wishes: readonly string[],
  others: readonly string[],
): string | undefined {
  const apart = (range: string) => !others.some((other) => overlaps(range, other));
  // The lowest free range lies where a private one begins, or next behind one that is taken.
  const begins = [
    ...RFC1918.map((range) => span(range).first),
    ...others.map((other) => span(other).last + 1),
  ];
  const free = begins
    .sort((a, b) => a - b)
    .map((begin) => rangeAt(Math.ceil(begin / 2 ** (32 - bits)) * 2 ** (32 - bits), bits))
    .filter((range) => RFC1918.some((outer) => contains(outer, range)));
  return [...wishes, ...free].find(apart);
}

const rangeAt = (first: number, bits: number): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${bits}`;

function span(cidr: string): Span {
  const address = (cidr.split("/")[0] ?? "").split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = sizeOf(cidr);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}
