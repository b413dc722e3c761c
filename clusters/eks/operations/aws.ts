import type { Place } from "../../operations";
import { hasOwnLogin } from "./login";

/**
 * A command line of the AWS CLI, for the stack's region and profile. The option would win over credentials in variables,
 * which are those of the provider's own login.
 */
export const aws = ({ provider }: Pick<Place, "provider">, ...words: string[]): string[] => [
  "aws",
  ...words,
  ...(provider.region === undefined ? [] : ["--region", provider.region]),
  ...(provider.profile === undefined || hasOwnLogin({ provider }) ? [] : ["--profile", provider.profile]),
];

/** One whose answer is JSON. */
export const json = (place: Pick<Place, "provider">, ...words: string[]): string[] =>
  aws(place, ...words, "--output", "json");

/** Tags as `--tag-filters` takes them. Not in the shorthand syntax, where a comma in a value begins another value. */
export const tagFilters = (tags: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(tags).map(([Key, Value]) => ({ Key, Values: [Value] })));
