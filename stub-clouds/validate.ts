import { closest, distance } from "fastest-levenshtein";

import { isMap, UNKNOWN } from "./engine-values";
import { join, valuesAt } from "./paths";
import type { Properties, SdkType, Shape } from "./sdk";
import type { Row, Rule, Values } from "./types";

export interface Failure {
  /** Path of the property. */
  readonly property: string;
  readonly reason: string;
}

/** Inputs that violate the SDK's types or the resource's row. Unknown values pass. */
export function failures(inputs: Values, sdk: SdkType, row: Row, closedEnums: boolean): Failure[] {
  const missing = (row.requires ?? [])
    .filter((path) => valuesAt(inputs, path).length === 0 && sdk.inputs[path]?.optional !== false)
    .map((path) => ({ property: path, reason: `Missing required argument: "${path}"` }));
  const broken = Object.entries(row.rules ?? {}).flatMap(([path, rule]) =>
    valuesAt(inputs, path).flatMap(({ path: property, value }) => {
      const reason = brokenRule(value, rule);
      return reason === undefined ? [] : [{ property, reason: `expected ${property} ${reason}` }];
    }),
  );
  return [
    ...new Checker(sdk, closedEnums, row.accepts ?? []).object(inputs, sdk.inputs, ""),
    ...missing,
    ...broken,
  ];
}

class Checker {
  constructor(
    private readonly sdk: SdkType,
    private readonly closedEnums: boolean,
    private readonly accepted: readonly string[],
  ) {}

  object(values: Values, properties: Properties, path: string): Failure[] {
    const unknown = Object.keys(values)
      .filter((key) => properties[key] === undefined)
      .map((key) => ({
        property: join(path, key),
        reason: `Invalid or unknown key "${key}"${near(key, properties)}`,
      }));
    const missing = Object.entries(properties)
      .filter(([key, { optional }]) => !optional && values[key] === undefined)
      .map(([key]) => ({ property: join(path, key), reason: `Missing required argument: "${key}"` }));
    const wrong = Object.entries(values).flatMap(([key, value]) => {
      const property = properties[key];
      return property === undefined ? [] : this.value(value, property.shape, join(path, key));
    });
    return [...unknown, ...missing, ...wrong];
  }

  private value(value: unknown, shape: Shape, path: string): Failure[] {
    if (value === UNKNOWN || value === undefined || value === null || shape === "any") return [];
    const not = (what: string): Failure[] => [
      { property: path, reason: `expected ${path} to be ${what}, got ${JSON.stringify(value)}` },
    ];
    if (typeof shape === "string") return typeof value === shape ? [] : not(`a ${shape}`);
    if ("list" in shape) {
      if (!Array.isArray(value)) return not("a list");
      return value.flatMap((item, i) => this.value(item, shape.list, `${path}[${i}]`));
    }
    if ("map" in shape) {
      if (!isMap(value)) return not("a map");
      return Object.entries(value).flatMap(([key, inner]) => this.value(inner, shape.map, join(path, key)));
    }
    if ("object" in shape) {
      return isMap(value) ? this.object(value, this.sdk.objects[shape.object] ?? {}, path) : not("an object");
    }
    if ("values" in shape) {
      const { values } = shape;
      if ([...values, ...this.accepted].includes(value as string)) return [];
      if (!this.closedEnums) return typeof value === typeof values[0] ? [] : not(`a ${typeof values[0]}`);
      return not(`one of ${JSON.stringify(values)}`);
    }
    const attempts = shape.anyOf.map((each) => this.value(value, each, path));
    return attempts.find((attempt) => attempt.length === 0) ?? attempts[0] ?? [];
  }
}

function near(key: string, properties: Properties): string {
  const known = Object.keys(properties);
  if (known.length === 0) return "";
  const guess = closest(key, known);
  return distance(key, guess) <= Math.max(2, key.length / 3) ? `; did you mean "${guess}"?` : "";
}

function brokenRule(value: unknown, rule: Rule): string | undefined {
  if (value === UNKNOWN) return undefined;
  const { pattern, oneOf, maxLength, min, max, items } = rule;
  const got = `, got ${JSON.stringify(value)}`;
  if (items !== undefined) {
    const count = Array.isArray(value) ? value.length : 0;
    if (items.min !== undefined && count < items.min) return `to have at least ${items.min} items${got}`;
    if (items.max !== undefined && count > items.max) return `to have at most ${items.max} items${got}`;
  }
  if (pattern !== undefined && !pattern.test(String(value))) return `to match ${String(pattern)}${got}`;
  if (oneOf !== undefined && !oneOf.includes(String(value)))
    return `to be one of ${JSON.stringify(oneOf)}${got}`;
  if (maxLength !== undefined && String(value).length > maxLength)
    return `to be at most ${maxLength} characters long${got}`;
  if (min !== undefined && Number(value) < min) return `to be at least ${min}${got}`;
  if (max !== undefined && Number(value) > max) return `to be at most ${max}${got}`;
  return undefined;
}
