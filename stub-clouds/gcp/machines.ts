import type { Values } from "../types";

/** Sizes of each series, in vCPUs: https://docs.cloud.google.com/compute/docs/general-purpose-machines */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  c2: [4, 8, 16, 30, 60],
  c2d: [2, 4, 8, 16, 32, 56, 112],
  c3: [4, 8, 22, 44, 88, 176, 192],
  c3d: [4, 8, 16, 30, 60, 90, 180, 360],
  c4: [2, 4, 8, 16, 24, 32, 48, 96, 144, 192, 288],
  c4a: [1, 2, 4, 8, 16, 32, 48, 64, 72],
  c4d: [2, 4, 8, 16, 32, 48, 64, 96, 192, 384],
  e2: [2, 4, 8, 16, 32],
  n1: [1, 2, 4, 8, 16, 32, 64, 96],
  n2: [2, 4, 8, 16, 32, 48, 64, 80, 96, 128],
  n2d: [2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224],
  n4: [2, 4, 8, 16, 32, 48, 64, 80],
  n4a: [1, 2, 4, 8, 16, 32, 48, 64],
  n4d: [2, 4, 8, 16, 32, 48, 64, 80, 96],
  t2a: [1, 2, 4, 8, 16, 32, 48],
  t2d: [1, 2, 4, 8, 16, 32, 48, 60],
};

/** Shared cores; what accelerators and much memory need is not modelled, nor is the memory of a custom type. */
const OTHERS =
  /^((e2-(micro|small|medium)|f1-micro|g1-small)|([a-z]\w*-)?custom-\d+-\d+(-ext)?|(a[2-4]|g[24]|h\d|m\d|x4|z3)\w*-.+)$/;

/** GKE's default: https://docs.cloud.google.com/kubernetes-engine/docs/concepts/node-pools */
const DEFAULT = "e2-medium";

function exists(machineType: string): boolean {
  const [, series = "", cpus] =
    /^([a-z]\w*)-(?:standard|highmem|highcpu)-(\d+)(?:-lssd)?$/.exec(machineType) ?? [];
  return OTHERS.test(machineType) || SIZES[series]?.includes(Number(cpus)) === true;
}

/** Those of a shared core count as two, or one of the first generation. */
export function vcpusOf(machineType: string = DEFAULT): number {
  const [, custom, size] = /custom-(\d+)-|-(\d+)(?:-lssd)?$/.exec(machineType) ?? [];
  return Number(custom ?? size ?? (/^[fg]1-/.test(machineType) ? 1 : 2));
}

/** The message: https://github.com/keras-team/kinetic/issues/305 */
export function machineRefusals({ location = "", nodeConfig = {} }: Values): string[] {
  const { machineType = DEFAULT } = nodeConfig;
  const zone = /-[a-z]$/.test(location) ? location : `${location}-a`;
  return exists(machineType)
    ? []
    : [`Invalid machine type "${machineType}" in zone "${zone}": GCE_NOT_FOUND`];
}
