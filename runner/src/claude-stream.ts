import type { Outage, OutageReason } from "./outage";

/** One line of Claude Code's `--output-format stream-json`, which Ralph passes through unchanged. */
export interface StreamLine {
  /** Text for the log; empty if the line has none. */
  readonly text: string;
  readonly costUsd: number;
  readonly tokens: Readonly<Record<TokenType, number>>;
  /** That the model API refused a call, or could not be reached. */
  readonly outage?: Outage;
  /** Whether the program cannot succeed, although it still tries. */
  readonly final?: boolean;
  /** Whether the line is an answer of the model. */
  readonly answered?: boolean;
}

export const TOKEN_TYPES = ["input", "output", "cache_read", "cache_write"] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A JSON object or array of unknown shape: its writer is another program, which changes. */
type Unknown = Readonly<Record<string, unknown>>;

/** @returns undefined if the line is not one of Claude's */
export function parseStreamLine(line: string): StreamLine | undefined {
  if (!line.startsWith("{")) return undefined; // the order of its keys is not fixed
  let message: Unknown;
  try {
    message = JSON.parse(line) as Unknown;
  } catch {
    return undefined;
  }
  const { type } = message;
  if (typeof type !== "string") return undefined;
  const sums = type === "result" ? message : {}; // totals of one call of the program
  const usage = fields(sums.usage);
  return {
    text: textOf(message),
    costUsd: amount(sums.total_cost_usd),
    tokens: {
      input: amount(usage.input_tokens),
      output: amount(usage.output_tokens),
      cache_read: amount(usage.cache_read_input_tokens),
      cache_write: amount(usage.cache_creation_input_tokens),
    },
    ...outageOf(message),
  };
}

/** Its names for errors (`SDKAssistantMessageError`); others are the prompt's. */
const ERRORS: Readonly<Record<string, OutageReason>> = {
  authentication_failed: "unauthorized",
  oauth_org_not_allowed: "unauthorized",
  account_on_hold: "unauthorized",
  verification_required: "unauthorized",
  cloud_credential_error: "unauthorized",
  billing_error: "quota",
  rate_limit: "rate_limit",
  overloaded: "overloaded",
  server_error: "overloaded",
};

function outageOf(message: Unknown): Pick<StreamLine, "outage" | "final" | "answered"> {
  const { type, subtype, error, error_status: status, attempt } = message;
  if (type === "system" && subtype === "api_retry") {
    const reason = ERRORS[text(error)] ?? (status === null ? "unreachable" : undefined);
    if (reason === undefined) return {};
    // It retries a refused key for minutes, as it does an overloaded API.
    const final = reason === "unauthorized" && amount(attempt) > 1;
    return { outage: { reason, message: named(error, status) }, final };
  }
  if (type === "rate_limit_event") {
    const { status: verdict, resetsAt, rateLimitType } = fields(message.rate_limit_info);
    if (verdict !== "rejected") return {};
    const until = amount(resetsAt) * 1000;
    return {
      outage: { reason: "quota", message: `${text(rateLimitType)} limit`, ...(until > 0 ? { until } : {}) },
    };
  }
  if (type === "assistant") {
    if (typeof error !== "string") return { answered: true };
    const reason = ERRORS[error];
    return reason === undefined ? {} : { outage: { reason, message: contentOf(message) } };
  }
  if (type === "result" && message.terminal_reason === "api_error") {
    const code = message.api_error_status;
    // Neither refused nor answered: a connection that failed or broke off.
    return code === null || code === undefined
      ? { outage: { reason: "unreachable", message: text(message.result) } }
      : {};
  }
  return {};
}

function textOf(message: Unknown): string {
  const { type, subtype, result, errors } = message;
  if (type === "assistant") return contentOf(message);
  if (type === "system" && subtype === "api_retry") {
    const { attempt, max_retries: max, retry_delay_ms: wait, error, error_status: status } = message;
    const seconds = Math.ceil(amount(wait) / 1000);
    return `API retry ${amount(attempt)} of ${amount(max)} in ${seconds} s: ${named(error, status)}`;
  }
  if (type !== "result" || message.is_error !== true) return "";
  return Array.isArray(errors) ? errors.map(text).join("\n") : text(result);
}

const named = (error: unknown, status: unknown): string =>
  typeof status === "number" ? `${text(error)} (${status})` : text(error);

function contentOf({ message }: Unknown): string {
  const { content } = fields(message);
  if (!Array.isArray(content)) return "";
  return content
    .map(fields)
    .flatMap(({ type, text: words, name }) => {
      if (type === "text") return text(words);
      return type === "tool_use" ? `[tool ${text(name)}]` : [];
    })
    .join("\n");
}

const fields = (value: unknown): Unknown =>
  value !== null && typeof value === "object" ? (value as Unknown) : {};
const text = (value: unknown): string => (typeof value === "string" ? value : "");
/** A value that a counter can be increased by. */
const amount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
