import type { Path } from "./path";

/** Where secrets are, each of which reaches only a Secret; `*` is any key or index. */
const SECRETS: readonly Path[] = [
  ["apiKeys", "*"],
  ["imagePullSecrets", "*", "password"],
  ["git", "privateKey"],
];

/** The sections that hold secrets. No other section may hold one. */
export const SECRET_SECTIONS: readonly string[] = SECRETS.map(([section]) => String(section));

/** Whether the value at a path is a secret itself, not only the neighbour of one. */
export const isSecretKey = (at: Path): boolean => ahead(at).some(({ length }) => length === at.length);

/** Whether the value at a path is a secret, or something larger that has one in it. */
export const holdsSecret = (at: Path): boolean => ahead(at).length > 0;

/** The secrets that a path leads to. */
function ahead(at: Path): readonly Path[] {
  if (at.join(".") === "apiKeys.existingSecret") return []; // a name
  return SECRETS.filter((secret) => at.every((step, i) => secret[i] === step || secret[i] === "*"));
}

/** Whether a secret has lines, which the prompt for a value does not take. */
export const isFileKey = (at: Path): boolean => at.join(".") === "git.privateKey";
