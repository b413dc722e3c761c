import { isIPv4 } from "node:net";
import { z } from "zod";
import { covers } from "../lib/cidr";
import { hasLogin } from "./confidential";
import { isCron } from "./cron";
import { parseQuantity } from "./quantity";

/** Formats of text that Kubernetes defines, each with the rule that errors and the reference show. */

/** Metadata that makes the reference show a rule, `must be ...`, as what is allowed. */
export const described = (rule: string) => ({ title: rule.replace(/^must be /, "") });

export const matching = (pattern: RegExp, rule: string) =>
  z.string().regex(pattern, rule).meta(described(rule));

export const dnsLabel = (max = 63) =>
  matching(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    "must be a DNS-1123 label: lower-case letters, digits and '-'",
  ).max(max, `must be at most ${max} characters long`);

export const dnsSubdomain = matching(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  "must be a DNS-1123 subdomain: lower-case letters, digits, '-' and '.'",
).max(253, "must be at most 253 characters long");

const HOST = "must be a host name, optionally with a leading '*.'";
export const ingressHost = matching(
  /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  HOST,
)
  .max(253, "must be at most 253 characters long")
  .refine((host) => !isIPv4(host), HOST);

/** A key of a ConfigMap, which must not begin with two dots. The worker passes over hidden files. */
export const promptName = matching(/^\.?[-\w][-.\w]*\.md$/, "must be the name of a Markdown file").max(
  253,
  "must be at most 253 characters long",
);

const QUANTITY = "must be a quantity above zero, such as 500m, 2 or 4Gi";
/** Cores or bytes. `pulumi config set --path` and YAML turn `1` into a number, so both types are accepted. */
export const quantity = z
  .union([z.string(), z.number()], { error: QUANTITY })
  .transform(String)
  .refine((text) => (parseQuantity(text) ?? 0) > 0, QUANTITY)
  .meta(described(QUANTITY));

export const seconds = (min: number) => z.int32().min(min);

export const duration = matching(
  // The pattern of the CRD, but above zero: each unit at most once, the largest first.
  /^(?=.*[1-9])(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/,
  "must be a Prometheus duration, such as 30s or 1m30s",
);

const CIDR = "must be an address range such as 10.0.0.0/8";
export const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: CIDR }).meta(described(CIDR));

const WHOLE = "must begin at the first address of the range, such as 10.0.0.0/8";
const MAPPED = "must be a range of IPv4 itself, because no packet has an IPv4 address mapped to IPv6";
/** A range that a NetworkPolicy contains: network plug-ins differ in what they make of any other. */
export const wholeCidr = cidr
  .refine((range) => !isMapped(range), MAPPED)
  .refine((range) => isMapped(range) || isWhole(range), WHOLE)
  .meta(described(CIDR));

/** Whether the first address of the range is one of IPv4 mapped to IPv6 (RFC 4291, 2.5.5.2). */
const isMapped = (range: string): boolean => covers("::ffff:0:0/96", range.split("/")[0] ?? "");

/** Whether the range begins at its own address: no lower one lies in it. */
function isWhole(range: string): boolean {
  const [address = "", bits = ""] = range.split("/");
  const parts = isIPv4(address) ? address.split(".").map(Number) : groupsOf(address);
  const width = isIPv4(address) ? 8 : 16;
  return parts.every((part, i) => {
    const fixed = Math.min(width, Math.max(0, Number(bits) - i * width));
    return part % 2 ** (width - fixed) === 0;
  });
}

/** The eight groups of an IPv6 address. A URL writes it without an IPv4 part. */
function groupsOf(address: string): number[] {
  const [left = "", right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text = "") => (text === "" ? [] : text.split(":").map((group) => parseInt(group, 16)));
  const [head, tail] = [groups(left), groups(right)];
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** An address that ends up in objects or in the state, which others can read. */
export const publicAddress = (pattern: RegExp, rule: string) =>
  matching(pattern, rule).refine(
    (address) => !hasLogin(address),
    "must not contain a user or a password, which everyone could read where the address is used",
  );

export const port = z.int32().min(1).max(65535);

const CRON = 'must be a cron schedule of five fields such as "0 2 * * *", or a macro such as @daily';
export const cron = z.string().refine(isCron, CRON).meta(described(CRON));

const TIME_ZONE = "must be a time zone of the IANA database, such as Europe/Berlin";
export const timeZone = z.string().refine(isTimeZone, TIME_ZONE).meta(described(TIME_ZONE));

export const stringMap = z.record(z.string(), z.string());

/** Labels as Kubernetes accepts them (k8s.io/apimachinery/pkg/util/validation). */
export const labels = z.record(
  matching(
    /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/,
    "must be the name of a label",
  ),
  matching(/^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/, "must be the value of a label"),
);

/** As Go finds a zone: by a file of exactly that name. The platform's own lookup ignores case and accepts offsets. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z]/.test(name)) return false;
  try {
    const found = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return found === name || found.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
