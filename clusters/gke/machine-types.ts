import type { Architecture } from "../types";

/** What the name of a machine type says about it. */

export const isMachineType = (type: string): boolean => /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(type);

/** Series with Arm processors: Axion, Ampere and Grace. */
const ARM = /^(c4a|n4a|t2a|a4x)-/;

export const architecture = (type: string): Architecture => (ARM.test(type) ? "arm64" : "amd64");

/** The disk type that every machine series with Hyperdisk supports. */
export const HYPERDISK = "hyperdisk-balanced";

/**
 * Whether a node can neither mount nor boot from a Persistent Disk, as from the fourth generation on, and A3 Ultra:
 * https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
 */
export const needsHyperdisk = (type: string): boolean => /^([a-z][4-9][a-z]*|a3-ultragpu)-/.test(type);

/** Series that boot from no Hyperdisk Balanced, and series that boot from no standard Persistent Disk (same source). */
const NO_HYPERDISK = /^(n1|n2|n2d|e2|t2a|t2d|c2|c2d|g2|f1|g1|custom)-/;
const NO_STANDARD_DISK = /^(c3|c3d|h3|m3|z3|g2|a3)-/;

/** Whether a node can boot from a type of disk. */
export function bootsFrom(machineType: string, diskType: string): boolean {
  if (diskType === HYPERDISK) return !NO_HYPERDISK.test(machineType);
  if (needsHyperdisk(machineType)) return false;
  return diskType !== "pd-standard" || !NO_STANDARD_DISK.test(machineType);
}

interface MachineSize {
  readonly cpus: number;
  readonly gib: number;
}

/** GiB per vCPU by class, for series that differ from the others. */
const GIB_PER_CPU: Readonly<Record<string, { readonly usual: number } & Readonly<Record<string, number>>>> = {
  standard: { usual: 4, n1: 3.75, c4: 3.75 },
  highmem: { usual: 8, n1: 6.5, c4: 7.75 },
  highcpu: { usual: 2, n1: 0.9, e2: 1, n2: 1, n2d: 1 },
};

/** Shared-core types: their vCPUs are a fraction of one most of the time. */
const SHARED: Readonly<Record<string, MachineSize>> = {
  "f1-micro": { cpus: 1, gib: 0.6 },
  "g1-small": { cpus: 1, gib: 1.7 },
  "e2-micro": { cpus: 2, gib: 1 },
  "e2-small": { cpus: 2, gib: 2 },
  "e2-medium": { cpus: 2, gib: 4 },
};

/** Undefined if the name does not say it, as with accelerator types. */
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
