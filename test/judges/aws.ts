/** Holds a resource of AWS against CloudFormation's registry and the API's requests. */
import { type Field, outside, registered, requested } from "./aws-models";
import { type Row, ROWS, type Rule, RULES } from "./aws-rows";
import { isObject, type Judge, shown } from "./finding";

interface Found {
  readonly field: Field;
  /** The outermost name in the model. */
  readonly name: string;
}

/** A component in the one for a cluster; what it registers is judged. */
const SERVICE_ROLE = "eks:index:ServiceRole";

export const aws: Judge = ({ type, inputs }, say, mocked) => {
  if (type === SERVICE_ROLE) return;
  const row = ROWS[type];
  if (row === undefined) return say("", "has no row in test/judges/aws-rows.ts");
  const short = type.split(":").at(-1) ?? "";

  const object = (fields: readonly Field[], value: Readonly<Record<string, unknown>>, at: string): void => {
    const set = new Set<string>();
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined || inner === null) continue;
      const path = at === "" ? key : `${at}.${key}`;
      if (isOwn(path, inner)) continue;
      const found = fields.flatMap((field) => find(field, row, path) ?? []);
      if (found.length === 0) say(path, "is in neither of AWS's models");
      if (found.some(({ field }) => field.isReadOnly)) say(path, "is read-only");
      for (const { name } of found) set.add(name);
      check(
        found.map(({ field }) => field),
        inner,
        path,
      );
    }
    const lacks = (name: string): boolean =>
      ![...set].some((each) => each.toLowerCase() === name.toLowerCase());
    for (const name of at === "" ? (row.provided ?? []) : []) set.add(name);
    for (const name of fields.flatMap(({ required }) => required)) {
      if (!lacks(name)) continue;
      set.add(name);
      say(at, `lacks ${name}`);
    }
  };

  /** Judges a field that only Terraform has. */
  const isOwn = (path: string, value: unknown): boolean => {
    const own = row.own ?? {};
    const rule = own[path];
    if (rule === undefined) {
      const isOuter = isObject(value) && Object.keys(own).some((each) => each.startsWith(`${path}.`));
      if (isOuter) object([], value, path);
      return isOuter;
    }
    if (!mocked(value) && !holds(rule, value)) say(path, `must be ${String(rule)}, is ${shown(value)}`);
    return true;
  };

  const check = (fields: readonly Field[], value: unknown, at: string): void => {
    if (mocked(value)) return;
    if (Array.isArray(value)) {
      const items = fields.map((field) => {
        const isList = is(field, "list");
        const problem = outside(value.length, isList ? field.count : [undefined, 1], "items");
        if (problem !== undefined) say(at, `${problem} (${field.model}), is ${shown(value)}`);
        return isList ? field.item() : field;
      });
      for (const each of value) check(items, each, `${at}[]`);
    } else if (isObject(value)) {
      // Terraform's maps are lists of keys and values in some models, and a list of at most one is its item for Pulumi.
      const maps = fields.filter((field) => is(field, "map"));
      const items = fields.filter((field) => is(field, "list")).map((field) => field.item());
      const pairs = items.filter((item) => item.property("Key") !== undefined);
      const single = items.filter((item) => is(item, "object") && !pairs.includes(item));
      const objects = [...fields.filter((field) => is(field, "object")), ...single];
      if (objects.length > 0) object(objects, value, at);
      else if (maps.length + pairs.length === 0) say(at, `must not be an object, is ${shown(value)}`);
      else
        for (const [key, each] of Object.entries(value)) {
          check(valuesOf(pairs, "Key"), key, at);
          check([...maps.map((field) => field.item()), ...valuesOf(pairs, "Value")], each, `${at}[]`);
        }
    } else scalar(fields, value as string | number | boolean, at);
  };

  const scalar = (fields: readonly Field[], value: string | number | boolean, at: string): void => {
    const names = at.replaceAll("[]", "").split(".");
    const outer = `${names.at(-2) ?? short}.${names.at(-1)}`;
    const problem = (RULES[outer] ?? RULES[names.at(-1) ?? ""])?.(String(value));
    if (problem !== undefined) say(at, `${problem}, is ${shown(value)}`);
    for (const field of fields) {
      if (!accepts(field, value)) say(at, `must be ${field.kinds.join(" or ")}, is ${shown(value)}`);
      const refusal = field.refusal(value);
      if (refusal !== undefined) say(at, `${refusal} (${field.model}), is ${shown(value)}`);
    }
  };

  object(modelsOf(row), inputs, "");
};

/**
 * Whether CloudFormation replaces a resource for a change at a path of Terraform's; undefined if its registry does not
 * have the field.
 */
export function isCreateOnly(type: string, [key = "", ...rest]: readonly string[]): boolean | undefined {
  const row = ROWS[type];
  if (row?.registry === undefined) return undefined;
  let found = find(registered(row.registry), row, key)?.field;
  for (const each of rest) {
    while (found !== undefined && is(found, "list")) found = found.item();
    if (found !== undefined && is(found, "object")) found = found.property(each);
  }
  return found?.isCreateOnly;
}

const modelsOf = ({ registry, request }: Row): Field[] => [
  ...(registry === undefined ? [] : [registered(registry)]),
  requested(request),
];

const is = ({ kinds }: Field, kind: Field["kinds"][number]): boolean => kinds.includes(kind);

const valuesOf = (pairs: readonly Field[], name: "Key" | "Value"): Field[] =>
  pairs.flatMap((pair) => pair.property(name) ?? []);

/** The field that the last key of a path of Terraform's stands for. */
function find(field: Field, { names }: Pick<Row, "names">, at: string): Found | undefined {
  const name = names?.[at] ?? at.split(".").at(-1) ?? "";
  const path = typeof name === "string" ? name : name[field.model === "the API" ? "request" : "registry"];
  if (path === undefined) return undefined;
  let found: Field | undefined = field;
  let isList = false;
  for (const part of path.split(".")) {
    if (is(found, "list")) found = found.item();
    isList ||= part.endsWith("[]");
    found = found.property(part.replace("[]", ""));
    if (found === undefined) return undefined;
  }
  const inner = found;
  return {
    field: isList ? { ...inner, kinds: ["list"], item: () => inner } : inner,
    name: path.split(".")[0] ?? "",
  };
}

function accepts({ kinds }: Field, value: unknown): boolean {
  // Some of Terraform's booleans are text.
  const actual = value === "true" || value === "false" ? "boolean" : typeof value;
  return kinds.some(
    (kind) => kind === "any" || kind === actual || (kind === "string" && typeof value === "string"),
  );
}

const holds = (rule: Rule, value: unknown): boolean =>
  rule instanceof RegExp ? typeof value === "string" && rule.test(value) : typeof value === rule;
