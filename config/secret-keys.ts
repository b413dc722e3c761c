import type { Path } from "./path";

/** The sections that hold secrets, each of which reaches only a Secret. No other section may hold one. */
export const SECRET_SECTIONS: readonly string[] = ["apiKeys", "imagePullSecrets", "git"];

/** Whether the value at a path is a secret itself, not only the neighbour of one. */
export function isSecretKey([section, ...rest]: Path): boolean {
  if (section === "git") return rest.join() === "privateKey";
  if (section === "apiKeys") return rest.length === 1 && rest[0] !== "existingSecret";
  return section === "imagePullSecrets" && rest.at(-1) === "password";
}

/** Whether the value at a path is a secret, or something larger that has one in it. */
export const holdsSecret = (at: Path): boolean =>
  isSecretKey(at) ||
  (SECRET_SECTIONS.includes(String(at[0])) && at.length < (at[0] === "imagePullSecrets" ? 3 : 2));

/** Whether a secret has lines, which the prompt for a value does not take. */
export const isFileKey = (at: Path): boolean => at.join(".") === "git.privateKey";
