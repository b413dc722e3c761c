import type { Architecture } from "../types";

/** What the name of a VM size says about it. */
export interface MachineType {
  /** `DS` of Standard_DS2_v2. */
  readonly family: string;
  readonly cpus: number;
  readonly arm: boolean;
  /** Whether the series retires in 2028: Dv2, DSv2, Fsv2, Lsv2 and Av2. */
  readonly retiring: boolean;
}

const NAME =
  /^Standard_(?<family>[A-Z]{1,3})(?<number>\d+)(-(?<active>\d+))?(?<features>[a-z]*)(_[A-Z][A-Z0-9]*)*(_v(?<version>\d+))?$/;

/** The processors of a size; those of an unknown one are the usual ones. */
export const architecture = (name: string): Architecture =>
  parseMachineType(name)?.arm === true ? "arm64" : "amd64";

/**
 * Whether a node can run virtual machines of its own: no Arm processors, no burstable or old series.
 * https://learn.microsoft.com/azure/virtual-machines/sizes/overview
 */
export const nestsVirtualMachines = ({ family, arm, retiring }: MachineType): boolean =>
  !arm && !retiring && /^[DEFLM]/.test(family);

/** vCPUs by number in the series Dv2 and DSv2, where the number is not that of vCPUs. */
const DV2_VCPUS: Readonly<Record<string, number>> = {
  1: 1,
  2: 2,
  3: 4,
  4: 8,
  5: 16,
  11: 2,
  12: 4,
  13: 8,
  14: 16,
  15: 20,
};

/** Undefined if the name is not a VM size. */
export function parseMachineType(name: string): MachineType | undefined {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { family = "", number = "", active, features = "", version } = groups;
  const numbered = /^DS?$/.test(family) && version === "2" ? DV2_VCPUS[number] : undefined;
  return {
    family,
    cpus: numbered ?? Number(active ?? number),
    arm: features.includes("p"),
    retiring: /^(DS?|F|L|A)$/.test(family) && version === "2",
  };
}
