import { SUBSCRIPTION } from "./refusals";

export const inGroup = (group: unknown, path: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${path}`;
export const refusedIf = (refused: boolean, message: string): string[] => (refused ? [message] : []);

/** Key of a role assignment, which must be unique: principal, role and scope. */
export const grantOf = (principal: unknown, role: unknown, scope: unknown): string =>
  `${principal} ${String(role).split("/").at(-1)} ${scope}`;
