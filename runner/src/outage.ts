/**
 * Why an agent cannot use its model: causes that no prompt can have, and that end without a change of the prompt. `budget`
 * is the user's own limit for a day, `no_key` a Secret of the user's that does not exist yet.
 */
export type OutageReason =
  "unreachable" | "unauthorized" | "rate_limit" | "quota" | "overloaded" | "budget" | "no_key";

export interface Outage {
  readonly reason: OutageReason;
  /** What the API or the program said. */
  readonly message: string;
  /** When it ends, if the answer names a time; milliseconds since the epoch. */
  readonly until?: number;
}

/** Programs that try again without an end say so like this: Codex 0.171.0, every half a minute, and OpenCode 1.18.18. */
export const ENDLESS = /Reconnecting\.\.\. waiting for network|level=ERROR .*message="stream error"/;

/**
 * How programs without a structured output word an API's answer; the first match counts.
 * Google: https://ai.google.dev/gemini-api/docs/troubleshooting, the classes of Gemini CLI 0.61.0 (TerminalQuotaError).
 * OpenAI: https://platform.openai.com/docs/guides/error-codes; Codex: codex-rs/core/src/error.rs.
 * Amp and Copilot: as their programs printed it.
 */
const WORDINGS: readonly (readonly [OutageReason, RegExp])[] = [
  [
    "quota",
    /insufficient_quota|(?:insufficient|out of) credits?\b|(?:exhausted|exceeded) your (?:\w+ )*(?:quota|capacity)|usage limit|credit balance|billing/i,
  ],
  ["rate_limit", /\b429\b|RESOURCE_EXHAUSTED|QuotaError|rate.?limit|too many requests/i],
  [
    "unauthorized",
    /API_KEY_INVALID|API key not valid|(?:invalid|incorrect)[ _]api[ _]key|\b401\b|UNAUTHENTICATED|PERMISSION_DENIED/i,
  ],
  ["overloaded", /\b(?:status|error|code)\W{1,3}(?:500|502|503|504|529)\b|overloaded|"UNAVAILABLE"/i],
  [
    "unreachable",
    /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|fetch failed|error sending request|waiting for network|(?:unable|couldn't|cannot) (?:to )?connect\b/i,
  ],
];

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** The time that a text names as in `Please retry in 1h2m3.5s`, `try again in 20s` or `reset after 18h25m38s`. */
function resetIn(text: string, now: number): number | undefined {
  const match =
    /(?:retry (?:in|after)|try again in|resets? (?:in|after))\s+((?:\d+(?:\.\d+)?\s*[dhms]\w*\s*)+)/i.exec(
      text,
    );
  if (match === null) return undefined;
  const parts = [...(match[1] ?? "").matchAll(/(\d+(?:\.\d+)?)\s*([dhms])/gi)];
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
  return now + seconds * 1000;
}

/** What a line of text says of the model API; undefined if nothing. */
export function outageInText(line: string, now = Date.now()): Outage | undefined {
  const found = WORDINGS.find(([, wording]) => wording.test(line));
  if (found === undefined) return undefined;
  const until = resetIn(line, now);
  return {
    reason: found[0],
    message: line.replace(/^\[stderr\] /, "").slice(0, 300),
    ...(until === undefined ? {} : { until }),
  };
}
