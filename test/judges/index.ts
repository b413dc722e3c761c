/**
 * Holds what a test registers against the vendors' own API models: a field that no model knows, a value that a model
 * refuses, and a type without a row are findings.
 */
import { specialResourceSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { aws } from "./aws";
import { azure } from "./azure";
import { isObject, type Judge, type Mocked, type Subject } from "./finding";
import { google } from "./google";
import { present } from "./models";

/** By the package in a type's token; no judge looks at the types of other packages. */
const JUDGES: Readonly<Record<string, Judge>> = {
  aws,
  eks: aws,
  "azure-native": azure,
  gcp: google,
};

/**
 * @param mocks what the mocks returned: ids and outputs
 * @returns one line per finding, in the order of the resources
 */
export function judge(resources: readonly Subject[], mocks: ReadonlySet<unknown> = new Set()): string[] {
  if (!present()) return [];
  const mocked: Mocked = (value) =>
    value === unknownValue ||
    mocks.has(value) ||
    (isObject(value) && value[specialSigKey] === specialResourceSig);
  const findings = new Set<string>();
  for (const { type, inputs } of resources) {
    const say = (path: string, problem: string): void => void findings.add(`${type} ${path}: ${problem}`);
    JUDGES[type.split(":")[0] ?? ""]?.({ type, inputs }, say, mocked);
  }
  return [...findings];
}
