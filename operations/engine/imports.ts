import { type Ask, type ImportId, operationsOf, type Place } from "../../clusters/operations";
import { askProgram, isUnseen } from "../leaks/ask";
import type { Resource } from "./state";

/** Namespace and name, as every Kubernetes object has them. */
const kubernetes: ImportId = ({ metadata = {} }) => {
  const { namespace, name } = metadata as { namespace?: string; name?: string };
  if (name === undefined) return undefined;
  return namespace === undefined ? name : `${namespace}/${name}`;
};

/**
 * The id by which the provider finds what a killed run may have created without recording it.
 *
 * @returns undefined if nothing tells the id; `./ralphctl leaks` then reports what was created
 */
export async function importId(
  { type, inputs = {} }: Resource,
  place: Place,
  resources: readonly Resource[],
): Promise<string | undefined> {
  const known = new Set(resources.flatMap(({ id }) => id ?? []));
  const ask: Ask = async (words) => {
    const answer = (await askProgram({ about: type }, words, place)) as unknown;
    return isUnseen(answer) ? undefined : answer;
  };
  return importIdOf(type, place)?.(inputs, { place, known, ask });
}

function importIdOf(type: string, { cloud }: Place): ImportId | undefined {
  if (type.startsWith("kubernetes:")) return kubernetes;
  const operations = operationsOf(cloud);
  return operations.ownsCluster ? operations.importIds[type] : undefined;
}
