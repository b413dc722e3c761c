import { isIPv4 } from "node:net";
import { z } from "zod";
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

/** A key of a ConfigMap, which must not begin with two dots. */
export const promptName = matching(/^(\.?[-\w][-.\w]*)?\.md$/, "must be the name of a Markdown file").max(
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
