import { duplicate, type Finding, findIf, invalid } from "../../config/findings";
import type { Config } from "./config";
import { nodeGroups } from "./node-groups";

/** The rules for the node groups besides their machine types. */
export const checkNodeGroups = (config: Config): readonly Finding[] => [
  ...checkSystem(config),
  ...checkNames(config),
];

function checkSystem({ system: { min, max } }: Config): readonly Finding[] {
  return findIf(min > max, () =>
    invalid(["system", "min"], min, `must be at most system.max, ${max}`, String(max)),
  );
}

/** The pools' names must differ from the other groups' too; checkShared compares them with each other. */
function checkNames(config: Config): readonly Finding[] {
  const taken = nodeGroups({ ...config, nodePools: [] }).map(({ groupName }) => groupName);
  return config.nodePools.flatMap(({ name }, i) =>
    findIf(taken.includes(name), () => duplicate(["nodePools", i, "name"], name)),
  );
}
