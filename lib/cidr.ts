import { BlockList, isIPv6 } from "node:net";

/** Whether `inner` lies wholly in `outer`, or is it. Ranges of IPv4 and IPv6, as `address/bits`. */
export function covers(outer: string, inner: string): boolean {
  const [[outerAddress, outerBits], [innerAddress, innerBits]] = [split(outer), split(inner)];
  const family = isIPv6(outerAddress) ? "ipv6" : "ipv4";
  if (outerBits > innerBits || family !== (isIPv6(innerAddress) ? "ipv6" : "ipv4")) return false;
  const list = new BlockList();
  list.addSubnet(outerAddress, outerBits, family);
  return list.check(innerAddress, family);
}

function split(cidr: string): [address: string, bits: number] {
  const [address = "", bits] = cidr.split("/");
  return [address, Number(bits)];
}
