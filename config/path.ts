import { spellPath } from "../lib/stack-file";

/** The steps to a value in the configuration, top-level key first. */
export type Path = readonly (string | number)[];

/** The path of a key of this project as `pulumi config --path` spells it: `ralph:tasks[0].name`. */
export const propertyPath = ([top, ...rest]: Path, project = "ralph"): string =>
  spellPath([`${project}:${top}`, ...rest]);

export const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** The value at a path; undefined if there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      value !== null && typeof value === "object"
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    root,
  );
}
