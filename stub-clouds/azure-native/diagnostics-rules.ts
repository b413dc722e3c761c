import type { Context, Values } from "../types";
import { api } from "./refusals";
import { DIAGNOSTICS } from "./tokens";

const same = (one: unknown, other: unknown): boolean =>
  String(one).toLowerCase() === String(other).toLowerCase();

const categoriesOf = ({ logs = [] }: Values): readonly unknown[] =>
  (logs as readonly Values[]).filter(({ enabled }) => enabled === true).map(({ category }) => category);

/**
 * A category of a resource goes to a workspace once. The message:
 * https://github.com/Azure/bicep-registry-modules/issues/3407
 */
export const sinkRules = (inputs: Values, { all }: Pick<Context, "all">): string[] =>
  all(DIAGNOSTICS)
    .map((each) => each.inputs)
    .filter(
      ({ name, resourceUri, workspaceId }) =>
        name !== inputs.name &&
        same(resourceUri, inputs.resourceUri) &&
        same(workspaceId, inputs.workspaceId),
    )
    .flatMap((other) =>
      categoriesOf(inputs)
        .filter((category) => categoriesOf(other).includes(category))
        .map((category) =>
          api(
            "409",
            "Conflict",
            `Data sink '${inputs.workspaceId}' is already used in diagnostic setting '${other.name}' for category ` +
              `'${category}'. Data sinks can't be reused in different settings on the same category for the same resource.`,
          ),
        ),
    );

/**
 * A flow of a data collection rule sends streams that it collects to destinations that it names:
 * https://learn.microsoft.com/azure/azure-monitor/essentials/data-collection-rule-structure
 */
export function flowRules({ dataSources = {}, destinations = {}, dataFlows = [] }: Values): string[] {
  const listed = (groups: Values): Values[] => Object.values(groups).flat() as Values[];
  const streams = listed(dataSources as Values).flatMap((source) => source.streams as string[]);
  const names = listed(destinations as Values).map(({ name }) => name as string);
  return (dataFlows as readonly Values[]).flatMap((flow) => [
    ...(flow.streams as string[])
      .filter((each) => !streams.includes(each))
      .map((each) => api("400", "InvalidPayload", `Stream '${each}' is not declared in any data source.`)),
    ...(flow.destinations as string[])
      .filter((each) => !names.includes(each))
      .map((each) => api("400", "InvalidPayload", `Destination '${each}' is not defined.`)),
  ]);
}
