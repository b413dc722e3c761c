/** What a program could get wrong: each leaf of what a stack registers, with a wrong name or a wrong value. */
import { isObject, type Subject } from "./finding";
import { judge } from "./index";

type Path = readonly (string | number)[];
type Kind = "keys" | "values";
interface Leaf {
  readonly kind: Kind;
  readonly path: Path;
}

export interface Score {
  readonly keys: { readonly seen: number; readonly of: number };
  readonly values: { readonly seen: number; readonly of: number };
  /** The mutants that no judge noticed. */
  readonly missed: readonly string[];
}

/** Maps whose keys are free. */
const FREE = /^(tags|labels|resourceLabels|resource_labels)$/;

/** Judges one mutant per distinct leaf. */
export function score(resources: readonly Subject[], mocks: ReadonlySet<unknown>): Score {
  const total = { keys: { seen: 0, of: 0 }, values: { seen: 0, of: 0 } };
  const missed: string[] = [];
  const done = new Set<string>();
  for (const subject of resources) {
    const before = new Set(judge([subject], mocks));
    for (const { kind, path } of leaves(subject.inputs, [])) {
      if (path.some((each) => FREE.test(String(each)))) continue;
      const name = `${subject.type} ${path.map((each) => (typeof each === "number" ? "[]" : each)).join(".")} ${kind}`;
      if (done.has(name)) continue;
      done.add(name);
      total[kind].of += 1;
      const mutant = { ...subject, inputs: mutate(subject.inputs, kind, path) as Subject["inputs"] };
      if (judge([mutant], mocks).some((finding) => !before.has(finding))) total[kind].seen += 1;
      else missed.push(name);
    }
  }
  return { ...total, missed };
}

function* leaves(value: unknown, path: Path): Generator<Leaf> {
  if (Array.isArray(value)) for (const [i, each] of value.entries()) yield* leaves(each, [...path, i]);
  else if (isObject(value))
    for (const [key, each] of Object.entries(value)) {
      yield { kind: "keys", path: [...path, key] };
      yield* leaves(each, [...path, key]);
    }
  else if (value !== null && value !== undefined) yield { kind: "values", path };
}

function mutate(value: unknown, kind: Kind, [key, ...rest]: Path): unknown {
  if (key === undefined) return wrong(value);
  if (Array.isArray(value))
    return value.map((each, i) => (i === key ? mutate(each, kind, rest) : each) as unknown);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => {
    if (name !== key) return [name, each];
    return kind === "keys" && rest.length === 0 ? [`${name}Zz`, each] : [name, mutate(each, kind, rest)];
  });
  return Object.fromEntries(entries);
}

const wrong = (value: unknown): unknown =>
  typeof value === "string" ? "not/valid value!" : typeof value === "boolean" ? "x" : 1e7;
