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
