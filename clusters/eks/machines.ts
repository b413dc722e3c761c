import type { Violation } from "../../config/violations";
import type { Config } from "./config";
import { architecture, INSTANCE_TYPE, memoryGiB } from "./instances";
import { set, unset } from "./violation";

/** Guide: prerequisites. */
const MIN_MEMORY_GIB = 4;

/** What the instance types of the node group must be. */
export function checkMachines({ nodes: { machineType, spot, spotTypes } }: Config): Violation[] {
  const others = spotTypes.map((type, i) => ({ at: ["nodes", "spotTypes", i], type }));
  return [
    ...[{ at: ["nodes", "machineType"], type: machineType }, ...others].flatMap(({ at, type }) => {
      if (!INSTANCE_TYPE.test(type)) {
        return [set(at, `must be an instance type of medium size or larger; it is "${type}"`, "t3.medium")];
      }
      const memory = memoryGiB(type) ?? MIN_MEMORY_GIB;
      return memory < MIN_MEMORY_GIB
        ? [set(at, `${type} has ${memory} GiB of memory, and a node needs ${MIN_MEMORY_GIB}`, "t3.medium")]
        : [];
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
