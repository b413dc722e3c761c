import { valuesAt } from "./paths";
import type { PluginTable, Ref, Resource, Row, Token, Values } from "./types";

/** An input of a resource that refers to another resource. */
export interface Reference {
  readonly path: string;
  readonly value: unknown;
  readonly ref: Ref;
}

const HANDLES = ["name", "selfLink", "arn"];

export const rowOf = (table: PluginTable, token: Token): Row => table.resources[token] ?? {};

export function referencesOf(inputs: Values, token: Token, table: PluginTable): Reference[] {
  const refs = { ...table.refs, ...rowOf(table, token).refs };
  return Object.entries(refs).flatMap(([path, ref]) =>
    valuesAt(inputs, path).map(({ path: at, value }) => ({
      path: at,
      value,
      ref: typeof ref === "string" ? { to: ref } : ref,
    })),
  );
}

const accepts = ({ to }: Ref, token: Token): boolean =>
  to === "*" || to === token || (Array.isArray(to) && to.includes(token));

/** Whether a reference is to this resource. */
export function refersTo({ ref, value }: Reference, resource: Resource, table: PluginTable): boolean {
  return accepts(ref, resource.token) && isIdentifiedBy(resource, value, table);
}

/** Whether a value is the resource's id or one of its handles. */
export function isIdentifiedBy(resource: Resource, value: unknown, table: PluginTable): boolean {
  const { handles = HANDLES } = rowOf(table, resource.token);
  return (
    value === resource.id ||
    handles.some((handle) => value !== undefined && value === resource.outputs[handle])
  );
}

/** The resources that refer to another. */
export const referrers = (target: Resource, resources: readonly Resource[], table: PluginTable): Resource[] =>
  resources.filter(
    (each) =>
      each.plugin === target.plugin &&
      each !== target &&
      referencesOf(each.inputs, each.token, table).some((reference) => refersTo(reference, target, table)),
  );
