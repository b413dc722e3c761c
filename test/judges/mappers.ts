/** The language of the mappers in Azure's SDKs: properties, types, constraints, and what only the service sets. */
import { isObject, type Mocked, type Say, shown, type Subject } from "./finding";
import { model, type PackageName } from "./models";

interface Constraints {
  readonly Pattern?: string;
  readonly MinLength?: number;
  readonly MaxLength?: number;
  readonly MinItems?: number;
  readonly MaxItems?: number;
  readonly InclusiveMinimum?: number;
  readonly InclusiveMaximum?: number;
}
interface Type {
  readonly name: string;
  readonly className?: string;
  readonly modelProperties?: Readonly<Record<string, Mapper>>;
  readonly element?: Mapper;
  readonly value?: Mapper;
  readonly allowedValues?: readonly unknown[];
}
interface Mapper {
  readonly type: Type;
  readonly serializedName?: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly constraints?: Constraints;
}
type Mappers = Readonly<Record<string, Mapper>>;
type Parameters = Readonly<Record<string, { readonly mapper: Mapper }>>;

export interface Row {
  readonly sdk: PackageName;
  readonly mapper: string;
  /** What is in the request's URL: the name of the SDK's parameter, or the form if it states none. */
  readonly url: Readonly<Record<string, string | RegExp>>;
  /** Inputs that only a preview of the API has. */
  readonly preview?: Readonly<Record<string, "boolean">>;
}

/**
 * @param rules forms by class and property; `A.b.*` is that of the values of a map, `A.b#` that of its names
 */
export function judgeMapper(
  { sdk, mapper, url, preview = {} }: Row,
  rules: Readonly<Record<string, RegExp>>,
  inputs: Subject["inputs"],
  say: Say,
  mocked: Mocked,
): void {
  const mappers = model<Mappers>(sdk, "mappers.json");
  const parameters = model<Parameters>(sdk, "parameters.json");

  const object = ({ className = "" }: Type, value: Subject["inputs"], at: string): void => {
    const properties = propertiesOf(mappers, className);
    for (const [key, inner] of Object.entries(value)) {
      const path = at === "" ? key : `${at}.${key}`;
      const parameter = at === "" ? url[key] : undefined;
      if (inner === undefined || inner === null || (parameter === undefined && mocked(inner))) continue;
      if (typeof parameter === "string")
        check((parameters[parameter] as { mapper: Mapper }).mapper, inner, path);
      else if (parameter !== undefined) match(parameter, inner, path);
      else if (at === "" && preview[key] !== undefined) {
        if (typeof inner !== preview[key]) say(path, `must be a ${preview[key]}, is ${shown(inner)}`);
      } else {
        const found = properties.get(key);
        if (found === undefined) say(path, `is not in Azure's ${className}`);
        else if (found.readOnly === true) say(path, "is read-only");
        else check(found, inner, path);
      }
      const rule = rules[`${className}.${key}`];
      if (rule !== undefined)
        for (const each of Array.isArray(inner) ? inner : [inner]) match(rule, each, path);
      for (const [name, each] of isObject(inner) ? Object.entries(inner) : []) {
        const [names, values] = [rules[`${className}.${key}#`], rules[`${className}.${key}.*`]];
        if (names !== undefined) match(names, name, `${path}.${name}`);
        if (values !== undefined) match(values, each, `${path}.${name}`);
      }
    }
    for (const [name, { required, readOnly }] of properties)
      // The provider adds its configured location.
      if (
        required === true &&
        readOnly !== true &&
        value[name] === undefined &&
        `${at}${name}` !== "location"
      )
        say(at === "" ? name : `${at}.${name}`, "is required");
  };

  const match = (form: RegExp, value: unknown, at: string): void => {
    if (!mocked(value) && !(["string", "number"].includes(typeof value) && form.test(String(value))))
      say(at, `must match ${String(form)}, is ${shown(value)}`);
  };

  const check = ({ type, constraints = {} }: Mapper, value: unknown, at: string): void => {
    if (mocked(value)) return;
    for (const problem of problems(type, constraints, value)) say(at, `${problem}, is ${shown(value)}`);
    if (type.name === "Composite" && isObject(value)) object(type, value, at);
    if (type.name === "Sequence" && Array.isArray(value))
      for (const each of value) check(type.element as Mapper, each, `${at}[]`);
    if (type.name === "Dictionary" && isObject(value))
      for (const [key, each] of Object.entries(value)) check(type.value as Mapper, each, `${at}.${key}`);
  };

  object((mappers[mapper] as Mapper).type, inputs, "");
}

/**
 * By the name in the request. What the service nests under `properties` is flat in the provider, too; it hides what
 * only the service sets, such as the `type` of each resource.
 */
function propertiesOf(mappers: Mappers, className: string): ReadonlyMap<string, Mapper> {
  const found = new Map<string, Mapper>();
  for (const each of Object.values(mappers[className]?.type.modelProperties ?? {})) {
    const serialized = (each.serializedName ?? "").split(/(?<!\\)\./).at(-1) ?? "";
    // Pulumi's name of `scale-down-unneeded-time`.
    const name = serialized.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (each.readOnly !== true || !found.has(name)) found.set(name, each);
  }
  return found;
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  Boolean: (value) => typeof value === "boolean",
  Composite: isObject,
  // The provider takes the keys of a map without values as a list.
  Dictionary: (value) => isObject(value) || Array.isArray(value),
  Number: (value) => typeof value === "number",
  Sequence: Array.isArray,
  String: (value) => typeof value === "string",
  Uuid: (value) => typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
};

function* problems(
  { name, allowedValues }: Type,
  constraints: Constraints,
  value: unknown,
): Generator<string> {
  if (KINDS[name]?.(value) === false) yield `must be a ${name}`;
  if (allowedValues !== undefined && !allowedValues.includes(value))
    yield `must be one of ${allowedValues.join(", ")}`;
  const { Pattern, MinLength, MaxLength, MinItems, MaxItems, InclusiveMinimum, InclusiveMaximum } =
    constraints;
  if (Pattern !== undefined && !new RegExp(Pattern).test(String(value))) yield `must match ${Pattern}`;
  const size = typeof value === "string" || Array.isArray(value) ? value.length : 0;
  const min = MinLength ?? MinItems;
  const max = MaxLength ?? MaxItems;
  if (min !== undefined && size < min) yield `must have a length of at least ${min}`;
  if (max !== undefined && size > max) yield `must have a length of at most ${max}`;
  if (InclusiveMinimum !== undefined && Number(value) < InclusiveMinimum)
    yield `must be at least ${InclusiveMinimum}`;
  if (InclusiveMaximum !== undefined && Number(value) > InclusiveMaximum)
    yield `must be at most ${InclusiveMaximum}`;
}
