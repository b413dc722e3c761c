import { type KnownFailure, ownClouds } from "../clusters/operations";

/** Errors that no cloud has for itself alone. What the providers retry themselves is permanent once it is seen. */
const EVERYWHERE: readonly KnownFailure[] = [
  {
    pattern: /\b429\b/,
    because: "the API limits the rate of requests",
    source: "RFC 6585",
  },
  {
    pattern: /ServiceUnavailable|\b503\b|connection reset|TLS handshake timeout/i,
    because: "the API is unavailable at the moment",
    source: "RFC 9110; net/http",
  },
];

/** What the program itself found before it called a cloud, in the words of config/problems.ts: its fixes stand there. */
const REFUSED = /\d+ problems? in .*; nothing was changed\./;

/** The failure in a command's output that is known, preferably one that no further attempt ends. */
export function failureIn(output: string): KnownFailure | undefined {
  if (REFUSED.test(output)) return undefined;
  const all = [...ownClouds().flatMap(([, { failures }]) => failures), ...EVERYWHERE];
  const found = all.filter(({ pattern }) => pattern.test(output));
  return found.find(({ attempts }) => attempts === 0) ?? found[0];
}
