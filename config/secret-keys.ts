import type { Path } from "./path";

/** The sections whose values reach only Secrets. Whatever else is configured ends up in plain objects. */
export const SECRET_SECTIONS: readonly string[] = ["apiKeys", "imagePullSecrets"];

/** Whether the value at a path is a secret itself, not only the neighbour of one. */
export function isSecretKey([section, ...rest]: Path): boolean {
  if (section === "apiKeys") return rest.length === 1 && rest[0] !== "existingSecret";
  return section === "imagePullSecrets" && rest.at(-1) === "password";
}
