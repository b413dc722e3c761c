import { isDeepStrictEqual } from "node:util";

import { isMap } from "./engine-values";
import type { Properties, SdkType, Shape } from "./sdk";
import type { Values } from "./types";

/**
 * The inputs after a read, as azure-native computes them: those of the state, and each property of which the service now
 * returns something else, as it returns it, without what is no input.
 * https://github.com/pulumi/pulumi-azure-native/blob/master/provider/pkg/provider/provider.go (Read, applyDiff)
 */
export function readInputs(sdk: SdkType, inputs: Values, before: Values, now: Values): Values {
  const [old, live] = [before, now].map((state) => projected(sdk, state, sdk.inputs));
  const changed = Object.keys(sdk.inputs).filter((key) => !isDeepStrictEqual(old?.[key], live?.[key]));
  const kept = Object.entries(inputs).filter(([key]) => !changed.includes(key) || live?.[key] !== undefined);
  const moved = changed.filter((key) => live?.[key] !== undefined).map((key) => [key, live?.[key]] as const);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(moved) };
}

/** The part of a state that a program could have set. */
const projected = (sdk: SdkType, state: Values, properties: Properties): Values =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => state[key] !== undefined)
      .map(([key, { shape }]) => [key, value(sdk, state[key], shape)]),
  );

function value(sdk: SdkType, given: unknown, shape: Shape): unknown {
  if (typeof shape === "string" || "values" in shape || "map" in shape) return given;
  if ("anyOf" in shape) {
    const [structured] = shape.anyOf.filter((each) => typeof each !== "string" && !("values" in each));
    return structured === undefined ? given : value(sdk, given, structured);
  }
  if ("list" in shape)
    return Array.isArray(given) ? given.map((each) => value(sdk, each, shape.list)) : given;
  return isMap(given) ? projected(sdk, given, sdk.objects[shape.object] ?? {}) : given;
}
