import { z } from "zod";
import { canonical, contains, PRIVATE_RANGES } from "../cidr";

/** Whether a text is an IPv4 range at all; only then the arithmetic of `clusters/cidr.ts` holds. */
export const isRange = (text: string): boolean => z.cidrv4().safeParse(text).success;

export const isPrivate = (cidr: string): boolean => PRIVATE_RANGES.some((outer) => contains(outer, cidr));

/** Google gives the Service kube-dns the tenth address after the first of the services' range. */
export function dnsAddress(services: string): string {
  const [a, b, c, d] = (canonical(services).split("/")[0] ?? "").split(".");
  return `${a}.${b}.${c}.${Number(d) + 10}/32`;
}
