import type { Place } from "../../operations";

/** A command line of the AWS CLI, for the stack's region and profile. */
export const aws = (
  { provider: { region, profile } }: Pick<Place, "provider">,
  ...words: string[]
): string[] => [
  "aws",
  ...words,
  ...(region === undefined ? [] : ["--region", region]),
  ...(profile === undefined ? [] : ["--profile", profile]),
];

/** One whose answer is JSON. */
export const json = (place: Pick<Place, "provider">, ...words: string[]): string[] =>
  aws(place, ...words, "--output", "json");

/** Tags as `--tag-filters` takes them. Not in the shorthand syntax, where a comma in a value begins another value. */
export const tagFilters = (tags: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(tags).map(([Key, Value]) => ({ Key, Values: [Value] })));
