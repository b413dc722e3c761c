/** What the name of an instance type says: https://docs.aws.amazon.com/ec2/latest/instancetypes */

/** An instance type of medium size or larger: smaller ones have less than the guide's 4 GB. */
export const INSTANCE_TYPE = /^[a-z][a-z0-9-]*\.(medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$/;

export type Architecture = "ARM" | "x86";

/** Graviton types have a `g` behind the generation: t4g, m7gd, c8gn. */
export const architecture = (type: string): Architecture =>
  /^(a1|[a-z]+\d+[a-z]*g[a-z]*)[.-]/.test(type) ? "ARM" : "x86";

/** Amazon Linux 2023: the last family of Amazon's own that EKS still builds images of. */
export const amiType = (type: string): string =>
  architecture(type) === "ARM" ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD";

/** Of medium sizes only the burstable ones have two vCPUs; larger sizes have two or more. */
export const hasOneCpu = (type: string): boolean => /^(?!t\d)[^.]+\.medium$/.test(type);

/** GiB of the size `large`. */
const LARGE: Readonly<Record<string, number>> = { a: 4, t: 8, m: 8, c: 4, r: 16 };

/** GiB of memory; undefined for families whose names do not tell. */
export function memoryGiB(type: string): number | undefined {
  const [, family = "", size = ""] = /^([a-z]+)\d[a-z0-9-]*\.(.*)$/.exec(type) ?? [];
  const large = LARGE[family];
  const [, factor] = /^(\d*)xlarge$/.exec(size) ?? [];
  if (large === undefined) return undefined;
  if (factor !== undefined) return large * 2 * Number(factor === "" ? 1 : factor);
  return size === "medium" ? large / 2 : size === "large" ? large : undefined;
}
