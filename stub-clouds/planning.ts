import { isDeepStrictEqual } from "node:util";

import { isMap, UNKNOWN } from "./engine-values";
import type { Values } from "./types";

/** The inputs, and in them, as unknown, what the outputs have besides: `vpcConfig.clusterSecurityGroupId`. */
export function unknownBeyond(outputs: unknown, inputs: unknown): unknown {
  if (inputs === undefined) return UNKNOWN;
  if (Array.isArray(outputs) && Array.isArray(inputs)) {
    return outputs.length === inputs.length
      ? inputs.map((item, i) => unknownBeyond(outputs[i], item))
      : inputs;
  }
  if (!isMap(outputs) || !isMap(inputs)) return inputs;
  const keys = [...new Set([...Object.keys(inputs), ...Object.keys(outputs)])];
  return Object.fromEntries(
    keys
      .filter((key) => outputs[key] !== undefined || inputs[key] !== undefined)
      .map((key) => [key, unknownBeyond(outputs[key], inputs[key])]),
  );
}

/** Old outputs with new inputs; what the cloud added stays, what the program took away goes. */
export function merged(state: unknown, before: unknown, inputs: unknown): Values {
  const keep = isMap(state) ? state : {};
  const old = isMap(before) ? before : {};
  const wanted = isMap(inputs) ? inputs : {};
  const rest = Object.entries(keep).filter(([key]) => wanted[key] !== undefined || old[key] === undefined);
  const changed = Object.entries(wanted).map(([key, value]) => {
    if (isDeepStrictEqual(value, old[key])) return [key, keep[key] ?? value];
    return [key, isMap(value) && isMap(keep[key]) ? merged(keep[key], old[key], value) : value];
  });
  return { ...Object.fromEntries(rest), ...(Object.fromEntries(changed) as Values) };
}
