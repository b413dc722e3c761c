import type { Problem } from "../../config/problems";
import type { Architecture } from "../types";
import type { Config } from "./config";
import { set, unset } from "./violation";

/** What the name of an instance type tells: https://docs.aws.amazon.com/ec2/latest/instancetypes */

/** An instance type of medium size or larger; smaller ones have less than the guide's 4 GB. */
export const INSTANCE_TYPE = /^[a-z][a-z0-9-]*\.(medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$/;

/** Graviton types have a `g` after the generation: t4g, m7gd, c8gn. */
export const architecture = (type: string): Architecture =>
  /^(a1|[a-z]+\d+[a-z]*g[a-z]*)[.-]/.test(type) ? "arm64" : "amd64";

/** Among the medium sizes only the burstable types have two vCPUs; larger sizes have two or more. */
export const hasOneCpu = (type: string): boolean => /^(?!t\d)[^.]+\.medium$/.test(type);

/** Memory of size `large` by family, in GiB. */
const LARGE_GIB: Readonly<Record<string, number>> = { a: 4, t: 8, m: 8, c: 4, r: 16 };

/** Memory in GiB; undefined if the type's name does not tell. */
export function memoryGiB(type: string): number | undefined {
  const [, family = "", size = ""] = /^([a-z]+)\d[a-z0-9-]*\.(.*)$/.exec(type) ?? [];
  const large = LARGE_GIB[family];
  const [, factor] = /^(\d*)xlarge$/.exec(size) ?? [];
  if (large === undefined) return undefined;
  if (factor !== undefined) return large * 2 * Number(factor === "" ? 1 : factor);
  return size === "medium" ? large / 2 : size === "large" ? large : undefined;
}

/** The guide's prerequisites. A pod requests one vCPU, and the node's system needs a part of another. */
const MIN_CPUS = 2;
const MIN_GIB = 4;

/** The cheapest types that meet them. */
const EXAMPLE: Readonly<Record<Architecture, string>> = { arm64: "t4g.medium", amd64: "t3.medium" };

/** The rules for the node group's instance types. */
export function checkMachineTypes({ nodes: { machineType, spot, spotTypes } }: Config): Problem[] {
  const others = spotTypes.map((type, i) => ({ at: ["nodes", "spotTypes", i], type }));
  return [
    ...[{ at: ["nodes", "machineType"], type: machineType }, ...others].flatMap(({ at, type }) => {
      if (!INSTANCE_TYPE.test(type)) {
        return [set(at, `must be an instance type of medium size or larger; it is "${type}"`, EXAMPLE.amd64)];
      }
      // No type with two vCPUs has less memory than a node needs.
      if (!hasOneCpu(type)) return [];
      const memory = memoryGiB(type);
      const has = memory === undefined ? "1 vCPU" : `1 vCPU and ${memory} GiB`;
      const rule = `${type} has ${has}; a node needs ${MIN_CPUS} vCPU and ${MIN_GIB} GiB`;
      return [set(at, rule, EXAMPLE[architecture(type)])];
    }),
    ...others.flatMap(({ at, type }, i) => {
      if (type === machineType || spotTypes.indexOf(type) < i) return [unset(at, `${type} is there already`)];
      const [own, first] = [architecture(type), architecture(machineType)];
      return own === first || !INSTANCE_TYPE.test(type) || !INSTANCE_TYPE.test(machineType)
        ? []
        : [
            unset(
              at,
              `${type} is ${own} and nodes.machineType ${machineType} is ${first}: a group has one image`,
            ),
          ];
    }),
    ...(spotTypes.length > 0 && !spot
      ? [set(["nodes", "spot"], "is false, so nodes.spotTypes has no effect", "true")]
      : []),
  ];
}
