import { createHash } from "node:crypto";

import type { Row, Values } from "./types";

const SUFFIX = /-[0-9a-f]{7}$/;
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Deterministic: the same text gives the same UUID. */
export function uuid(text: string | Uint8Array): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

/** Whether a provider generated this name. */
export function isAutonamed({ autoname }: Row, value: unknown, name: string): boolean {
  if (autoname === undefined || typeof value !== "string") return false;
  return autoname.kind === "uuid"
    ? UUID.test(value)
    : SUFFIX.test(value) && name.startsWith(value.replace(SUFFIX, ""));
}

/** The inputs with a name: the program's, or one that the provider generates once and keeps. */
export function autonamed(row: Row, name: string, before: Values, inputs: Values, seed: Uint8Array): Values {
  if (row.autoname === undefined || inputs[row.autoname.property] !== undefined) return inputs;
  const { property, maxLength = 63, kind } = row.autoname;
  const kept = before[property];
  if (isAutonamed(row, kept, name)) return { ...inputs, [property]: kept };
  if (kind === "uuid") return { ...inputs, [property]: uuid(seed) };
  const suffix = createHash("sha256").update(seed).digest("hex").slice(0, 7);
  return { ...inputs, [property]: `${name.slice(0, maxLength - 8)}-${suffix}` };
}
