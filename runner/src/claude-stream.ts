/** What one line of Claude Code's `--output-format stream-json` says: Ralph passes it through as it is. */
export interface StreamLine {
  /** For people; empty where the line has nothing for them. */
  readonly text: string;
  readonly costUsd: number;
  readonly tokens: Readonly<Record<TokenType, number>>;
}

export const TOKEN_TYPES = ["input", "output", "cache_read", "cache_write"] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

interface Message {
  readonly type?: string;
  readonly message?: { readonly content?: readonly { type?: string; text?: string; name?: string }[] };
  readonly is_error?: boolean;
  /** Of a result: the answer, or what went wrong. */
  readonly result?: string;
  readonly total_cost_usd?: number;
  readonly usage?: Readonly<Record<string, unknown>>;
}

/** Undefined for a line that is none of Claude's. */
export function parseStreamLine(line: string): StreamLine | undefined {
  if (!line.startsWith("{")) return undefined; // the order of its keys is not fixed
  let message: Message;
  try {
    message = JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
  if (typeof message.type !== "string") return undefined;
  const { type, message: content, is_error: failed, result, usage, total_cost_usd: cost } = message;
  const count = (name: string): number => (typeof usage?.[name] === "number" ? usage[name] : 0);
  const last = type === "result"; // the sum of one call of the program
  return {
    text: type === "assistant" ? said(content?.content ?? []) : failed === true ? (result ?? "") : "",
    costUsd: last && typeof cost === "number" ? cost : 0,
    tokens: {
      input: last ? count("input_tokens") : 0,
      output: last ? count("output_tokens") : 0,
      cache_read: last ? count("cache_read_input_tokens") : 0,
      cache_write: last ? count("cache_creation_input_tokens") : 0,
    },
  };
}

const said = (blocks: readonly { type?: string; text?: string; name?: string }[]): string =>
  blocks
    .flatMap(({ type, text, name }) => {
      if (type === "text") return text ?? [];
      return type === "tool_use" ? `[tool ${name}]` : [];
    })
    .join("\n");
