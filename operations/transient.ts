import { ownClouds, type TransientError } from "../clusters/operations";

/** Errors that no cloud has for itself alone. What the providers retry themselves is permanent once it is seen. */
const EVERYWHERE: readonly TransientError[] = [
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

/** The failure in a command's output that makes another attempt worth it; undefined if none does. */
export const transient = (output: string): TransientError | undefined =>
  [...ownClouds().flatMap(([, operations]) => operations.transient), ...EVERYWHERE].find(({ pattern }) =>
    pattern.test(output),
  );
