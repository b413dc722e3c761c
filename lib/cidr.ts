import { BlockList, isIPv4, isIPv6 } from "node:net";

interface Range {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Whether `inner`, a range or one address, lies wholly in the range `outer`, of IPv4 or IPv6. False if either is neither: a
 * rule between two keys also runs if one of them is wrong.
 */
export function covers(outer: string, inner: string): boolean {
  const [wide, narrow] = [rangeOf(outer), rangeOf(inner)];
  if (wide === undefined || narrow === undefined) return false;
  if (wide.family !== narrow.family || wide.bits > narrow.bits) return false;
  const list = new BlockList();
  list.addSubnet(wide.address, wide.bits, wide.family);
  return list.check(narrow.address, narrow.family);
}

function rangeOf(text: string): Range | undefined {
  const [address = "", length] = text.split("/");
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  if (family === undefined) return undefined;
  const most = family === "ipv4" ? 32 : 128;
  const bits = length === undefined ? most : /^\d+$/.test(length) ? Number(length) : Infinity;
  return bits > most ? undefined : { address, bits, family };
}
