/** What one line of Claude Code's `--output-format stream-json` says: Ralph passes it through as it is. */
export interface StreamLine {
  /** For people; empty where the line has nothing for them. */
  readonly text: string;
  readonly costUsd: number;
  readonly tokens: Readonly<Record<TokenType, number>>;
}

export const TOKEN_TYPES = ["input", "output", "cache_read", "cache_write"] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A JSON object or array of which nothing is known: whoever writes it is another program, which changes. */
type Unknown = Readonly<Record<string, unknown>>;

/** Undefined for a line that is none of Claude's. */
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
  const sums = type === "result" ? message : {}; // of one call of the program
  const usage = fields(sums.usage);
  return {
    text: type === "assistant" ? said(fields(message.message).content) : failed === true ? text(result) : "",
    costUsd: amount(sums.total_cost_usd),
    tokens: {
      input: amount(usage.input_tokens),
      output: amount(usage.output_tokens),
      cache_read: amount(usage.cache_read_input_tokens),
      cache_write: amount(usage.cache_creation_input_tokens),
    },
  };
}

function said(content: unknown): string {
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
/** What a counter can grow by. */
const amount = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
