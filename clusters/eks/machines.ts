import type { Violation } from "../../config/violations";
import type { Config } from "./config";
import { type Architecture, architecture, hasOneCpu, INSTANCE_TYPE, memoryGiB } from "./instances";
import { set, unset } from "./violation";

/** Guide: prerequisites. A pod requests one vCPU, of which the system of a node takes a part. */
const LEAST_CPUS = 2;
const LEAST_GIB = 4;

/** The cheapest that keep them. */
const EXAMPLE: Readonly<Record<Architecture, string>> = { ARM: "t4g.medium", x86: "t3.medium" };

/** What the instance types of the node group must be. */
export function checkMachines({ nodes: { machineType, spot, spotTypes } }: Config): Violation[] {
  const others = spotTypes.map((type, i) => ({ at: ["nodes", "spotTypes", i], type }));
  return [
    ...[{ at: ["nodes", "machineType"], type: machineType }, ...others].flatMap(({ at, type }) => {
      if (!INSTANCE_TYPE.test(type)) {
        return [set(at, `must be an instance type of medium size or larger; it is "${type}"`, EXAMPLE.x86)];
      }
      // No type with two vCPUs has less memory than a node needs.
      if (!hasOneCpu(type)) return [];
      const memory = memoryGiB(type);
      const has = memory === undefined ? "1 vCPU" : `1 vCPU and ${memory} GiB`;
      const rule = `${type} has ${has}; a node needs ${LEAST_CPUS} vCPU and ${LEAST_GIB} GiB`;
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
