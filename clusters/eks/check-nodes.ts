import { duplicate, type Finding, findIf, forbidden, invalid } from "../../config/findings";
import type { Config } from "./config";
import { zoneKeys } from "./location";
import { pools, zoneGroupName } from "./node-groups";

/** The rules for the node groups besides their machine types. */
export const checkNodeGroups = (config: Config): readonly Finding[] => [
  ...checkSystem(config),
  ...checkSandbox(config),
  ...checkNames(config),
  ...checkLengths(config),
];

function checkSystem({ system: { min, max } }: Config): readonly Finding[] {
  return findIf(min > max, () =>
    invalid(["system", "min"], min, `must be at most system.max, ${max}`, String(max)),
  );
}

/** https://docs.aws.amazon.com/eks/latest/userguide/agents-isolation.html */
const checkSandbox = ({ nodePools }: Config): readonly Finding[] =>
  nodePools.flatMap(({ sandbox }, i) =>
    findIf(sandbox, () =>
      forbidden(
        ["nodePools", i, "sandbox"],
        "EKS has sandboxes in Auto Mode only, not for managed nodes; for a RuntimeClass of yours set ralph:runtimeClassName",
      ),
    ),
  );

/**
 * No pool's groups may have the names of another's, whether or not each zone has its own; checkShared compares the
 * pools' own names.
 */
function checkNames(config: Config): readonly Finding[] {
  const namesOf = (name: string) => [name, ...zoneKeys(config).map((key) => zoneGroupName(name, key))];
  return config.nodePools.flatMap(({ name }, i) => {
    const earlier = config.nodePools.slice(0, i);
    const taken = pools({ ...config, nodePools: earlier }).flatMap(({ groupName }) => namesOf(groupName));
    return findIf(
      !earlier.some((pool) => pool.name === name) && namesOf(name).some((each) => taken.includes(each)),
      () => duplicate(["nodePools", i, "name"], name),
    );
  });
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const MAX_NAME = 63;

/** A longer name than MAX_NAME breaks the format already. */
function checkLengths(config: Config): readonly Finding[] {
  if (config.nodes.perZone === false) return [];
  const longest = MAX_NAME - Math.max(...zoneKeys(config).map((key) => zoneGroupName("", key).length));
  return pools(config).flatMap(({ at, groupName }) =>
    findIf(groupName.length > longest && groupName.length <= MAX_NAME, () =>
      invalid(
        [...at, "name"],
        groupName,
        `must be at most ${longest} characters, because a zone's group adds the zone`,
        groupName.slice(0, longest),
      ),
    ),
  );
}
