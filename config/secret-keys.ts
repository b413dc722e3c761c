import type { Path } from "./path";

/** Where a configuration holds secrets, each of which reaches only a Secret. */
export interface SecretTable {
  /** The paths of the secrets; `*` is any key or index. */
  readonly secrets: readonly Path[];
  /** Paths that a `*` covers and that are no secrets, such as the name of a Secret. */
  readonly except?: readonly Path[];
  /** Secrets of several lines, which the prompt for a value does not accept: they are read from a file. */
  readonly files?: readonly Path[];
}

/** What is secret, as questions about a path. */
export interface SecretKeys {
  /** The sections that hold secrets. No other section may hold one. */
  readonly sections: readonly string[];
  /** Whether the value at a path is itself a secret, and not only beside one. */
  readonly isSecretKey: (at: Path) => boolean;
  /** Whether the value at a path is a secret, or a map or list with one in it. */
  readonly holdsSecret: (at: Path) => boolean;
  /** Whether the secret at a path has several lines. */
  readonly isFileKey: (at: Path) => boolean;
}

export function secretKeys({ secrets, except = [], files = [] }: SecretTable): SecretKeys {
  const listed = (paths: readonly Path[], at: Path) => paths.some((path) => path.join(".") === at.join("."));
  /** The secrets that a path leads to. */
  const below = (at: Path): readonly Path[] =>
    listed(except, at)
      ? []
      : secrets.filter((secret) => at.every((step, i) => secret[i] === step || secret[i] === "*"));
  return {
    sections: [...new Set(secrets.map(([section]) => String(section)))],
    isSecretKey: (at) => below(at).some(({ length }) => length === at.length),
    holdsSecret: (at) => below(at).length > 0,
    isFileKey: (at) => listed(files, at),
  };
}
