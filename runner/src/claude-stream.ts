/** One line of Claude Code's `--output-format stream-json`, which Ralph passes through unchanged. */
export interface StreamLine {
  /** Text for the log; empty if the line has none. */
  readonly text: string;
  readonly costUsd: number;
  readonly tokens: Readonly<Record<TokenType, number>>;
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
  const { type, is_error: failed, result } = message;
  if (typeof type !== "string") return undefined;
  const sums = type === "result" ? message : {}; // totals of one call of the program
  const usage = fields(sums.usage);
  return {
    text:
      type === "assistant" ? textOf(fields(message.message).content) : failed === true ? text(result) : "",
    costUsd: amount(sums.total_cost_usd),
    tokens: {
      input: amount(usage.input_tokens),
      output: amount(usage.output_tokens),
      cache_read: amount(usage.cache_read_input_tokens),
      cache_write: amount(usage.cache_creation_input_tokens),
    },
  };
}

function textOf(content: unknown): string {
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
