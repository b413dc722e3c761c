import type { Architecture } from "../types";

/** Series with Arm processors: Axion, Ampere and Grace. */
const ARM = /^(c4a|n4a|t2a|a4x)-/;

export const architecture = (type: string): Architecture => (ARM.test(type) ? "arm64" : "amd64");

/** The disk of every machine series that takes Hyperdisk. */
export const HYPERDISK = "hyperdisk-balanced";

/**
 * From the fourth generation on, and A3 Ultra, a node can neither mount nor boot from a Persistent Disk:
 * https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
 */
export const takesOnlyHyperdisk = (type: string): boolean => /^([a-z][4-9][a-z]*|a3-ultragpu)-/.test(type);

/** Size of a machine type as its name tells it. */
export interface MachineSize {
  readonly cpus: number;
  readonly gib: number;
}

/** GiB per vCPU of a series, where it is not the one of its class. */
const GIB_PER_CPU: Readonly<Record<string, { readonly usual: number } & Readonly<Record<string, number>>>> = {
  standard: { usual: 4, n1: 3.75, c4: 3.75 },
  highmem: { usual: 8, n1: 6.5, c4: 7.75 },
  highcpu: { usual: 2, n1: 0.9, e2: 1, n2: 1, n2d: 1 },
};

/** Types that share a core: their vCPUs are a fraction of one most of the time. */
const SHARED: Readonly<Record<string, MachineSize>> = {
  "f1-micro": { cpus: 1, gib: 0.6 },
  "g1-small": { cpus: 1, gib: 1.7 },
  "e2-micro": { cpus: 2, gib: 1 },
  "e2-small": { cpus: 2, gib: 2 },
  "e2-medium": { cpus: 2, gib: 4 },
};

export const isMachineType = (type: string): boolean => /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(type);

/** Undefined where the name does not tell, such as that of an accelerator type. */
export function machineSize(type: string): MachineSize | undefined {
  const shared = SHARED[type];
  if (shared !== undefined) return shared;
  const custom = /^(?:[a-z][a-z0-9]*-)?custom-(\d+)-(\d+)(-ext)?$/.exec(type);
  if (custom !== null) return { cpus: Number(custom[1]), gib: Number(custom[2]) / 1024 };
  const [, series = "", kind = "", cpus = ""] =
    /^([a-z][a-z0-9]*)-(standard|highmem|highcpu)-(\d+)(-lssd)?$/.exec(type) ?? [];
  const ratio = GIB_PER_CPU[kind];
  if (ratio === undefined) return undefined;
  return { cpus: Number(cpus), gib: Number(cpus) * (ratio[series] ?? ratio.usual) };
}
