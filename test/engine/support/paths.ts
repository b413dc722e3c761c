import { isDeepStrictEqual } from "node:util";

/** Every leaf of an object by its path, such as `spec.containers[ralph].image`; entries by name if they have one. */
export function leaves(value: unknown, at = ""): Map<string, unknown> {
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0)
    return new Map([[at, value]]);
  const inner = Array.isArray(value)
    ? value.map((entry: unknown, i): [string, unknown] => [`[${nameOf(entry) ?? i}]`, entry])
    : Object.entries(value).map(([key, entry]): [string, unknown] => [
        /^[\w-]+$/.test(key) ? (at === "" ? key : `.${key}`) : `[${key}]`,
        entry,
      ]);
  return new Map(inner.flatMap(([step, entry]) => [...leaves(entry, at + step)]));
}

const nameOf = (entry: unknown): string | undefined => (entry as { name?: string } | null)?.name;

type Leaves = ReadonlyMap<string, unknown>;

/** The paths at which two objects differ. An empty map on one side is represented by the other's content. */
export function differingPaths(a: Leaves, b: Leaves): string[] {
  const filled = (leaves: Leaves, path: string) =>
    [...leaves.keys()].some((each) => each.startsWith(path) && /^[.[]/.test(each.slice(path.length)));
  return [...new Set([...a.keys(), ...b.keys()])].filter(
    (path) => !isDeepStrictEqual(a.get(path), b.get(path)) && !filled(a, path) && !filled(b, path),
  );
}

/** Whether a text matches a pattern: `*` matches a step or a part of it, `**` any number of steps. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^.[\\]]*" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`).test(text);
}
