import type { Operations } from "../../clusters/operations";

/** A resource that a stack of the cloud has registered. */
interface Created {
  readonly type: string;
  /** Whether a provider created it: a component has nothing behind it. */
  readonly custom: boolean;
}

/** Types behind which nothing is created, so that a killed run leaves nothing to find. */
const NOTHING_BEHIND = ["gcp:projects/serviceIdentity:ServiceIdentity"];
/** Packages whose resources are in a cluster, or nowhere. */
const NOT_A_CLOUDS = ["kubernetes", "pulumi", "ralph"];

const packageOf = (type: string): string => type.split(":")[0] ?? "";

/**
 * What a cloud's operations get wrong about the resources that its stacks create, which no type can state.
 *
 * @param standIns provider plugins that stub-clouds has
 */
export function operationsProblems(
  operations: Operations,
  created: readonly Created[],
  standIns: readonly string[],
): string[] {
  const types = [...new Set(created.filter(({ custom }) => custom).map(({ type }) => type))].filter(
    (type) => !NOT_A_CLOUDS.includes(packageOf(type)),
  );
  if (!operations.ownsCluster)
    return types.length === 0 ? [] : [`ownsCluster is false, and a stack creates ${types.join(", ")}`];
  const { provider, clusterType, importIds, preview } = operations;
  const packages = [...new Set(types.map(packageOf))];
  /** A component of a plugin creates its resources where no program sees them. */
  const isComplete = !created.some(
    ({ custom, type }) => !custom && preview.plugins.includes(packageOf(type)),
  );
  return [
    ...(types.includes(clusterType) || !isComplete ? [] : [`no stack creates a ${clusterType}`]),
    ...(packages.includes(provider) ? [] : [`no resource is of the provider ${provider}`]),
    ...[...new Set([...types, clusterType])]
      .filter((type) => importIds[type] === undefined && !NOTHING_BEHIND.includes(type))
      .map((type) => `importIds has no ${type}`),
    ...packages
      .filter((name) => !preview.plugins.includes(name))
      .map((name) => `preview.plugins has no ${name}`),
    ...preview.plugins
      .filter((name) => !standIns.includes(name))
      .map((name) => `stub-clouds has no stand-in for the plugin ${name}`),
  ];
}
