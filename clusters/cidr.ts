import { z } from "zod";
import { covers } from "../lib/cidr";
import { PRIVATE_RANGES, RFC1918 } from "../lib/private-ranges";

/** Arithmetic on IPv4 ranges, for the rules between a cluster's networks. It holds only for what `isRange` accepts. */

/** Addresses as numbers, both included. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** Whether a text is an IPv4 range, such as 10.0.0.0/8. */
export const isRange = (text: string): boolean => z.cidrv4().safeParse(text).success;

/** Whether no address of a range is on the internet. */
export const isPrivate = (cidr: string): boolean => PRIVATE_RANGES.some((outer) => covers(outer, cidr));

/** The n-th address of a range, from 0. */
export const addressAt = (cidr: string, n: number): string => addressText(span(cidr).first + n);

/** The n-th part, from 0, of a range cut into 2^bits parts. */
export const partOf = (cidr: string, bits: number, n: number): string => {
  const length = bitsOf(cidr) + bits;
  return rangeAt(span(cidr).first + n * 2 ** (32 - length), length);
};

/** Number of addresses in a range. */
export const sizeOf = (cidr: string): number => 2 ** (32 - bitsOf(cidr));

/** Length of the prefix. */
export const bitsOf = (cidr: string): number => Number(cidr.split("/")[1] ?? 32);

/** Prefix length of the smallest range with that many addresses. */
export const bitsFor = (addresses: number): number => 32 - Math.ceil(Math.log2(addresses));

export function overlaps(a: string, b: string): boolean {
  const [x, y] = [span(a), span(b)];
  return x.first <= y.last && y.first <= x.last;
}

/** The range as clouds write it: with no bits set beyond its prefix. */
export const canonical = (cidr: string): string => rangeAt(span(cidr).first, bitsOf(cidr));

/** The range of that prefix length that has the first address of another range. */
export const resized = (cidr: string, bits: number): string => canonical(`${cidr.split("/")[0]}/${bits}`);

/** A range that overlaps no other: the first such wish, or the lowest private range. Undefined if there is none. */
export function rangeApart(
  bits: number,
  wishes: readonly string[],
  others: readonly string[],
): string | undefined {
  const apart = (range: string) => !others.some((other) => overlaps(range, other));
  // The lowest free range begins where a private range begins, or right after one of the others.
  const begins = [
    ...RFC1918.map((range) => span(range).first),
    ...others.map((other) => span(other).last + 1),
  ];
  const free = begins
    .sort((a, b) => a - b)
    .map((begin) => rangeAt(Math.ceil(begin / 2 ** (32 - bits)) * 2 ** (32 - bits), bits))
    .filter((range) => RFC1918.some((outer) => covers(outer, range)));
  return [...wishes, ...free].find(apart);
}

const rangeAt = (first: number, bits: number): string => `${addressText(first)}/${bits}`;

const addressText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

function span(cidr: string): Span {
  const address = (cidr.split("/")[0] ?? "").split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = sizeOf(cidr);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}
