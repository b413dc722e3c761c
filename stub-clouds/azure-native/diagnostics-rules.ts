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
