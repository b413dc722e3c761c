import { createHash } from "node:crypto";

import type { Row, Values } from "./types";

const SUFFIX = /-[0-9a-f]{7}$/;

/** Whether a provider generated this name from the logical name. */
export const isAutonamed = (value: unknown, name: string): boolean =>
  typeof value === "string" && SUFFIX.test(value) && name.startsWith(value.replace(SUFFIX, ""));

/** The inputs with a name: the program's, or one that the provider generates once and keeps. */
export function autonamed(row: Row, name: string, before: Values, inputs: Values, seed: Uint8Array): Values {
  if (row.autoname === undefined || inputs[row.autoname.property] !== undefined) return inputs;
  const { property, maxLength = 63 } = row.autoname;
  const kept = before[property];
  if (isAutonamed(kept, name)) return { ...inputs, [property]: kept };
  const suffix = createHash("sha256").update(seed).digest("hex").slice(0, 7);
  return { ...inputs, [property]: `${name.slice(0, maxLength - 8)}-${suffix}` };
}
