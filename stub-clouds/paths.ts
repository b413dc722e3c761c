import { isMap } from "./engine-values";
import type { Path, Values } from "./types";

/** `a.b[].c` and `a.*` as keys: `[]` is any item, `*` any key. */
const keysOf = (path: Path): string[] => path.replaceAll("[]", ".[]").split(".");

export interface Located {
  /** In the engine's notation: `a.b[0]["x/y"]`. */
  readonly path: string;
  readonly value: unknown;
}

/** The values at a path; there are several if it passes through a list or a map. */
export function valuesAt(values: Values, path: Path): Located[] {
  let found: Located[] = [{ path: "", value: values }];
  for (const key of keysOf(path)) {
    found = found.flatMap(({ path: at, value }) => {
      if (key === "[]")
        return Array.isArray(value) ? value.map((item, i) => ({ path: `${at}[${i}]`, value: item })) : [];
      if (!isMap(value)) return [];
      if (key !== "*") return [{ path: join(at, key), value: value[key] }];
      return Object.entries(value).map(([name, inner]) => ({ path: join(at, name), value: inner }));
    });
  }
  return found.filter(({ value }) => value !== undefined);
}

/** Appends a property to a path in the engine's notation. */
export function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Whether a row's path is that of a property, given by its keys (items as numbers), or of one of its parents. */
export function covers(path: Path, keys: readonly (string | number)[]): boolean {
  return keysOf(path).every(
    (key, i) =>
      i < keys.length && (key === keys[i] || key === "*" || (key === "[]" && typeof keys[i] === "number")),
  );
}
