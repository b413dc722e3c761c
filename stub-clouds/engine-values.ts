import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import type { Values } from "./types";

/** The engine's placeholder for a value that a preview cannot know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** Whether a value, or any value in it, is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isMap(value) ? Object.values(value).some(hasUnknown) : value === UNKNOWN;
}

export const fromStruct = (struct: Struct | undefined): Values =>
  struct === undefined ? {} : (withoutNulls(struct.toJavaScript()) as Values);

export const toStruct = (values: Values): Struct => Struct.fromJavaScript(withoutNulls(values) as never);

/** To a provider, a null and no value are the same. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item) ?? null);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}
