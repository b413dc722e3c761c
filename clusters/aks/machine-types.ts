/** What the name of a virtual machine's size says of it. */
export interface Size {
  /** `DS` of Standard_DS2_v2. */
  readonly family: string;
  readonly vcpus: number;
  readonly arm: boolean;
  /** Series that Azure retires in 2028: Dv2, DSv2, Fsv2, Lsv2 and Av2. */
  readonly retiring: boolean;
}

const NAME =
  /^Standard_(?<family>[A-Z]{1,3})(?<number>\d+)(-(?<active>\d+))?(?<features>[a-z]*)(_[A-Z][A-Z0-9]*)*(_v(?<version>\d+))?$/;

/** In this series the number counts sizes, not processors. */
const DV2: Readonly<Record<string, number>> = {
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

export function parseSize(name: string): Size | undefined {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { family = "", number = "", active, features = "", version } = groups;
  const numbered = /^DS?$/.test(family) && version === "2" ? DV2[number] : undefined;
  return {
    family,
    vcpus: numbered ?? Number(active ?? number),
    arm: features.includes("p"),
    retiring: /^(DS?|F|L|A)$/.test(family) && version === "2",
  };
}
