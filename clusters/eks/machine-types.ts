import { duplicate, type Finding, findIf, invalid } from "../../config/findings";
import type { Path } from "../../config/path";
import { checkMachineSize } from "../checks";
import type { Architecture } from "../types";
import type { Config } from "./config";

/** What the name of an instance type tells: https://docs.aws.amazon.com/ec2/latest/instancetypes */

/** An instance type of medium size or larger; smaller ones have less than the guide's 4 GB. */
export const INSTANCE_TYPE = /^[a-z][a-z0-9-]*\.(medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$/;

/** Graviton types have a `g` after the generation: t4g, m7gd, c8gn. */
export const architecture = (type: string): Architecture =>
  /^(a1|[a-z]+\d+[a-z]*g[a-z]*)[.-]/.test(type) ? "arm64" : "amd64";

/**
 * Amazon Linux 2023: the only Amazon Linux that EKS still publishes images for. Those for accelerators have the
 * drivers: https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
 */
export function amiType(type: string): string {
  const image = architecture(type) === "arm64" ? "AL2023_ARM_64" : "AL2023_x86_64";
  if (/^(inf|trn)\d/.test(type)) return `${image}_NEURON`;
  return /^[gp]\d/.test(type) ? `${image}_NVIDIA` : `${image}_STANDARD`;
}

/** The parameter in which AWS publishes the newest release of an image for nodes; undefined for another system's. */
export function releaseParameter(ami: string, kubernetesVersion: string): string | undefined {
  const [, architectureName, variant = ""] = /^AL2023_(x86_64|ARM_64)_(.*)$/.exec(ami) ?? [];
  if (architectureName === undefined) return undefined;
  const folder = architectureName === "ARM_64" ? "arm64" : architectureName;
  const image = `amazon-linux-2023/${folder}/${variant.toLowerCase()}`;
  return `/aws/service/eks/optimized-ami/${kubernetesVersion}/${image}/recommended/release_version`;
}

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

/** The cheapest types that are large enough for a node. */
const EXAMPLE: Readonly<Record<Architecture, string>> = { arm64: "t4g.medium", amd64: "t3.medium" };

/** The rules for the node group's instance types. */
export function checkMachineTypes({ nodes: { machineType, spot, spotTypes } }: Config): readonly Finding[] {
  const others = spotTypes.map((type, i) => ({ at: ["nodes", "spotTypes", i], type }));
  return [
    ...[{ at: ["nodes", "machineType"], type: machineType }, ...others].flatMap(({ at, type }) =>
      INSTANCE_TYPE.test(type)
        ? checkMachineSize(
            at,
            type,
            { cpus: hasOneCpu(type) ? 1 : undefined, gib: memoryGiB(type) },
            EXAMPLE[architecture(type)],
          )
        : [invalid(at, type, "must be an instance type of medium size or larger", EXAMPLE.amd64)],
    ),
    ...others.flatMap(({ at, type }, i) =>
      type === machineType || spotTypes.indexOf(type) < i
        ? [duplicate(at, type)]
        : checkSameArchitecture(at, type, machineType),
    ),
    ...findIf(spotTypes.length > 0 && !spot, () =>
      invalid(["nodes", "spot"], spot, "must be true when nodes.spotTypes is set", "true"),
    ),
  ];
}

function checkSameArchitecture(at: Path, type: string, machineType: string): readonly Finding[] {
  const areKnown = INSTANCE_TYPE.test(type) && INSTANCE_TYPE.test(machineType);
  const expected = architecture(machineType);
  return findIf(areKnown && architecture(type) !== expected, () =>
    invalid(
      at,
      type,
      `must be ${expected} like nodes.machineType ${machineType}, because a node group has a single image`,
    ),
  );
}
