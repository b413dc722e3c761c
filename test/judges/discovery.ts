/** The language of Google's discovery documents: fields, types, enums, patterns. */
import { isObject, type Mocked, type Say, shown, type Subject } from "./finding";
import { model } from "./models";

interface Property {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: Property;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly additionalProperties?: Property;
  readonly enum?: readonly string[];
  readonly enumDeprecated?: readonly boolean[];
  readonly pattern?: string;
  readonly readOnly?: boolean;
}
interface Document {
  readonly schemas: Readonly<Record<string, Property>>;
}

/** Where Terraform's field is in the model: `Schema.field` to a path, or a rule if the model has no such field. */
export type Fields = Readonly<Record<string, string | RegExp | "boolean" | "number">>;

export interface Row {
  readonly document: string;
  readonly schema: string;
}

export function judgeDiscovery(
  { document, schema }: Row,
  fields: Fields,
  rules: Readonly<Record<string, RegExp>>,
  inputs: Subject["inputs"],
  say: Say,
  mocked: Mocked,
): void {
  const { schemas } = model<Document>(
    "google-api-python-client",
    `googleapiclient/discovery_cache/documents/${document}.json`,
  );

  const object = (name: string, of: Property, value: Subject["inputs"], at: string): void => {
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined || inner === null) continue;
      const path = at === "" ? key : `${at}.${key}`;
      const own = fields[`${name}.${key}`];
      if (own instanceof RegExp) {
        if (!mocked(inner) && !(typeof inner === "string" && own.test(inner)))
          say(path, `must match ${String(own)}, is ${shown(inner)}`);
        continue;
      }
      if (own === "boolean" || own === "number") {
        if (typeof inner !== own) say(path, `must be a ${own}, is ${shown(inner)}`);
        continue;
      }
      const found = find(schemas, of, own ?? key);
      if (found === undefined) {
        say(path, `is not in Google's ${name}`);
        continue;
      }
      if (found.readOnly === true) say(path, "is read-only");
      const rule = rules[`${name}.${key}`];
      for (const each of Array.isArray(inner) ? inner : [inner])
        if (rule !== undefined && !mocked(each) && !rule.test(String(each)))
          say(path, `must match ${String(rule)}, is ${shown(each)}`);
      check(found, inner, path);
    }
  };

  const check = (property: Property, value: unknown, at: string): void => {
    if (property.$ref !== undefined) {
      if (isObject(value)) object(property.$ref, schemas[property.$ref] as Property, value, at);
      else if (!mocked(value)) say(at, `must be an object, is ${shown(value)}`);
      return;
    }
    if (property.type === "array") {
      if (!Array.isArray(value)) return say(at, `must be a list, is ${shown(value)}`);
      for (const each of value) check(property.items ?? {}, each, `${at}[]`);
      return;
    }
    if (property.type === "object") {
      // A map in the API is a list of objects with their names in Terraform.
      if (property.additionalProperties?.$ref !== undefined && Array.isArray(value)) {
        for (const each of value) check(property.additionalProperties, each, `${at}[]`);
        return;
      }
      if (!isObject(value)) return say(at, `must be an object, is ${shown(value)}`);
      const inner = property.additionalProperties ?? {};
      for (const [key, each] of Object.entries(value)) check(inner, each, `${at}.${key}`);
      return;
    }
    if (mocked(value)) return;
    scalar(property, value, at, say);
  };

  object(schema, schemas[schema] as Property, inputs, "");
}

/** A field by its path, such as `shieldedNodes.enabled`. */
function find(schemas: Document["schemas"], of: Property, path: string): Property | undefined {
  let found: Property | undefined = of;
  for (const name of path.split(".")) {
    if (found.$ref !== undefined) found = schemas[found.$ref];
    found = found?.properties?.[name];
    if (found === undefined) return undefined;
  }
  return found;
}

function scalar(property: Property, value: unknown, at: string, say: Say): void {
  const { type, enum: values, pattern } = property;
  const actual = typeof value;
  // The API sends 64-bit numbers as strings, Terraform takes them as numbers.
  const accepted =
    type === "boolean"
      ? ["boolean"]
      : type === "integer" || type === "number"
        ? ["number"]
        : ["string", "number"];
  if (!accepted.includes(actual)) return say(at, `must be of type ${type ?? "string"}, is ${shown(value)}`);
  if (values !== undefined && !values.includes(String(value)))
    say(at, `must be one of ${values.join(", ")}, is ${shown(value)}`);
  if (values !== undefined && property.enumDeprecated?.[values.indexOf(String(value))] === true)
    say(at, `${shown(value)} is deprecated`);
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(String(value)))
    say(at, `must match ${pattern}, is ${shown(value)}`);
}
