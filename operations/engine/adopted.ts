import { type Owner, ownerOf, type Tags, tagsInText } from "../../clusters/ownership";
import type { Resource, Values } from "./state";

/** Inputs that can have the tags of a stack. */
const TAGS = ["tags", "labels", "resourceLabels"] as const;

/**
 * Whose something is that a killed run may have created, after the provider has read it. A name may have led to what was
 * there before. What the run would have tagged must have these tags; what it would not have tagged is a part of something
 * that the state already has, such as a route in the stack's own table.
 *
 * @param inputs of the run that was killed
 * @param stack the stack's name as its cloud spells it in a tag
 */
export function adoptedOwner(
  { type, inputs = {} }: Resource,
  { outputs = {} }: Resource,
  stack: string,
): Owner {
  if (type.startsWith("kubernetes:")) return hasLabels(inputs, outputs) ? "stack" : "other";
  const key = TAGS.find((each) => ownerOf(inputs[each] as Tags, stack) === "stack");
  const isDescribed = ownerOf(tagsInText(inputs.description as string | undefined), stack) === "stack";
  if (key === undefined && !isDescribed) return "stack";
  return ownerOf(tagsOf(outputs, key), stack) === "stack" ? "stack" : "other";
}

/** The tags that a provider has read: labels that are in no state yet are only in `effectiveLabels`. */
export const tagsOf = (outputs: Values, key?: (typeof TAGS)[number]): Tags =>
  key === undefined
    ? tagsInText(outputs.description as string | undefined)
    : { ...outputs.effectiveLabels, ...outputs.tagsAll, ...outputs[key] };

/** Whether an object has the labels that the program gives it. */
function hasLabels(inputs: Values, outputs: Values): boolean {
  const labels = (values: Values): Tags => (values.metadata as { labels?: Tags } | undefined)?.labels ?? {};
  return Object.entries(labels(inputs)).every(([name, value]) => labels(outputs)[name] === value);
}
