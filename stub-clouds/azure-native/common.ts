import { createHash } from "node:crypto";
import { SUBSCRIPTION } from "./refusals";

export const inGroup = (group: unknown, path: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${path}`;
export const refusedIf = (refused: boolean, message: string): string[] => (refused ? [message] : []);

/** Deterministic: the same text gives the same UUID. */
export function uuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

/** Key of a role assignment, which must be unique: principal, role and scope. */
export const grantOf = (principal: unknown, role: unknown, scope: unknown): string =>
  `${principal} ${String(role).split("/").at(-1)} ${scope}`;
