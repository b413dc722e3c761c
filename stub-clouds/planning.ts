import { isDeepStrictEqual } from "node:util";

import { isMap, UNKNOWN } from "./engine-values";
import type { Values } from "./types";

/** The inputs, with what only the outputs have as unknown values: `vpcConfig.clusterSecurityGroupId`. */
export function withUnknownOutputs(outputs: unknown, inputs: unknown): unknown {
  if (inputs === undefined) return UNKNOWN;
  if (Array.isArray(outputs) && Array.isArray(inputs)) {
    return outputs.length === inputs.length
      ? inputs.map((item, i) => withUnknownOutputs(outputs[i], item))
      : inputs;
  }
  if (!isMap(outputs) || !isMap(inputs)) return inputs;
  const keys = [...new Set([...Object.keys(inputs), ...Object.keys(outputs)])];
  return Object.fromEntries(
    keys
      .filter((key) => outputs[key] !== undefined || inputs[key] !== undefined)
      .map((key) => [key, withUnknownOutputs(outputs[key], inputs[key])]),
  );
}

/** Old outputs with new inputs: keeps what the cloud added, and drops what the program removed. */
export function merged(state: unknown, before: unknown, inputs: unknown): Values {
  const outputs = isMap(state) ? state : {};
  const old = isMap(before) ? before : {};
  const wanted = isMap(inputs) ? inputs : {};
  const rest = Object.entries(outputs).filter(([key]) => wanted[key] !== undefined || old[key] === undefined);
  const changed = Object.entries(wanted).map(([key, value]) => {
    if (isDeepStrictEqual(value, old[key])) return [key, outputs[key] ?? value];
    return [key, isMap(value) && isMap(outputs[key]) ? merged(outputs[key], old[key], value) : value];
  });
  return { ...Object.fromEntries(rest), ...(Object.fromEntries(changed) as Values) };
}
