import { isDeepStrictEqual } from "node:util";

import { isMap, UNKNOWN } from "./engine-values";
import { covers, join } from "./paths";
import type { Path, ReplaceOn, Values } from "./types";

export interface Change {
  /** In the engine's notation. */
  readonly path: string;
  /** Property of the resource itself. */
  readonly property: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/** The differences between two sets of inputs, down to the innermost property. */
export function changesOf(before: Values, after: Values, replaceOn: readonly ReplaceOn[]): Change[] {
  const found: Change[] = [];
  const compare = (a: unknown, b: unknown, keys: readonly (string | number)[], path: string): void => {
    if (isDeepStrictEqual(a, b) && b !== UNKNOWN) return;
    if (isMap(a) && isMap(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
        compare(a[key], b[key], [...keys, key], join(path, key));
    } else if (Array.isArray(a) && Array.isArray(b)) {
      for (let i = 0; i < Math.max(a.length, b.length); i++)
        compare(a[i], b[i], [...keys, i], `${path}[${i}]`);
    } else {
      found.push({
        path,
        property: String(keys[0]),
        kind: a === undefined ? "add" : b === undefined ? "delete" : "update",
        replaces: replaceOn.some((each) => {
          const { path: at, when } = typeof each === "string" ? { path: each, when: () => true } : each;
          return (covers(at, keys) || isBelow(at, keys)) && when(a, b);
        }),
      });
    }
  };
  compare(before, after, [], "");
  return found;
}

/** If a whole object is added, deleted or unknown, so is every property in it. */
const isBelow = (path: Path, keys: readonly (string | number)[]): boolean => {
  const outer = path.replaceAll("[]", ".[]").split(".");
  return (
    keys.length < outer.length &&
    keys.every(
      (key, i) => outer[i] === key || outer[i] === "*" || (outer[i] === "[]" && typeof key === "number"),
    )
  );
};
