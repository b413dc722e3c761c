import { duplicate, type Finding, invalid } from "./findings";
import type { Path } from "./path";

/** Checks that are data: tables keyed by property path. */

/** The property paths of the plain values in a configuration: `name`, `pools.system`, `zones[]`, `admins[].objectId`. */
export type PropertyPath<Config> = Config extends readonly (infer Entry)[]
  ? Below<"[]", Entry>
  : { [Key in keyof Config & string]: Below<Key, NonNullable<Config[Key]>> }[keyof Config & string];
type Below<Head extends string, Value> = Value extends string | number | boolean
  ? Head
  : Value extends readonly unknown[]
    ? `${Head}${PropertyPath<Value>}`
    : `${Head}.${PropertyPath<Value>}`;

/** What a value must look like, and one that does. */
export interface Format {
  readonly holds: RegExp | ((value: string) => boolean);
  /** `must be ...` */
  readonly rule: string;
  readonly example: string;
}

export type Formats<Config> = Readonly<Partial<Record<PropertyPath<Config>, Format>>>;

/** The values that do not have their format. A key without a value passes. */
export const checkFormats = <Config>(config: Config, formats: Formats<Config>): readonly Finding[] =>
  Object.entries<Format | undefined>(formats).flatMap(([path, format]) =>
    format === undefined
      ? []
      : valuesAt(config, path)
          .filter(({ value }) => !holds(format, String(value)))
          .map(({ at, value }) => invalid(at, value, format.rule, format.example)),
  );

const holds = ({ holds: test }: Format, value: string): boolean =>
  typeof test === "function" ? test(value) : test.test(value);

/**
 * The entries of a list that repeat an earlier one.
 *
 * @param options.another the value to offer in place of a repeated one; by default the entry must be removed
 * @param options.ignoreCase whether two values that differ only in case are the same
 */
export function checkUnique<Config>(
  config: Config,
  path: PropertyPath<Config>,
  options: { readonly another?: (value: string, index: number) => string; readonly ignoreCase?: true } = {},
): readonly Finding[] {
  const { another, ignoreCase } = options;
  const values = valuesAt(config, path).map(({ at, value }) => ({ at, value: String(value) }));
  const ids = values.map(({ value }) => (ignoreCase === true ? value.toLowerCase() : value));
  return values.flatMap(({ at, value }, i) =>
    ids.indexOf(ids[i] ?? "") === i
      ? []
      : another === undefined
        ? [duplicate(entryOf(at), value)]
        : [duplicate(at, value, another(value, i))],
  );
}

/** The path of the list entry that a path leads into. */
const entryOf = (at: Path): Path =>
  at.slice(0, at.length - [...at].reverse().findIndex((step) => typeof step === "number"));

/** The values at a property path, an entry of each list for `[]`, with their own paths. */
function valuesAt(config: unknown, path: string): readonly { readonly at: Path; readonly value: unknown }[] {
  const steps = path.match(/\[\]|[^.[\]]+/g) ?? [];
  return steps.reduce<readonly { readonly at: Path; readonly value: unknown }[]>(
    (values, step) =>
      values
        .flatMap(({ at, value }) =>
          step === "[]"
            ? (value as readonly unknown[]).map((entry, i) => ({ at: [...at, i], value: entry }))
            : [{ at: [...at, step], value: (value as Readonly<Record<string, unknown>>)[step] }],
        )
        .filter(({ value }) => value !== undefined),
    [{ at: [], value: config }],
  );
}
