/**
 * A stand-in for the model APIs of Anthropic, Google and OpenAI on loopback, for the real agents' programs. It answers
 * in the documented forms, errors included:
 * - https://platform.claude.com/docs/en/api/errors, .../api/messages-streaming, .../api/rate-limits (retry-after)
 * - https://ai.google.dev/api/generate-content, .../gemini-api/docs/troubleshooting; google.rpc.RetryInfo, QuotaFailure
 * - https://platform.openai.com/docs/guides/error-codes, .../api-reference/responses-streaming
 */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Mode =
  | "ok"
  /** One call of a shell tool, then the answer. */
  | "tool"
  /** The same without an end: each answer asks for the tool again. */
  | "tools"
  | "unauthorized"
  | "limited"
  /** 429 with the time after which to try again. */
  | "limitedUntil"
  | "overloaded"
  | "credit"
  | "stall"
  /** The stream breaks off. */
  | "cut";

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the model says, and does where it is to use a tool. */
const ANSWER = "All done.\nLOOP_COMPLETE";
const COMMAND = "echo made > made";
const USAGE = { input: 1000, output: 100 };
/** Seconds in `limitedUntil`. */
export const RETRY_AFTER = 900;

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Events of a stream, each with its name where the form has names. */
  readonly events?: readonly { readonly name?: string; readonly data: unknown }[];
  readonly json?: unknown;
}

/** One vendor's form of each answer. */
interface Form {
  readonly matches: RegExp;
  readonly failure: (mode: Exclude<Mode, "ok" | "tool" | "tools" | "stall" | "cut">) => Reply;
  readonly answer: (asked: Asked) => Reply;
  readonly tool: (asked: Asked) => Reply;
  /** Whether the request brings a tool's result. */
  readonly hasResult: (asked: Asked) => boolean;
}

const anthropicError = (status: number, type: string, message: string, headers = {}): Reply => ({
  status,
  headers,
  json: { type: "error", error: { type, message }, request_id: "req_0" },
});

function anthropicMessage(asked: Asked, block: Record<string, unknown>, stop: string): Reply {
  const usage = { input_tokens: USAGE.input, output_tokens: USAGE.output };
  const message = {
    id: "msg_0",
    type: "message",
    role: "assistant",
    model: asked.body.model,
    content: [] as unknown[],
    stop_reason: null as string | null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  if (asked.body.stream !== true) return { json: { ...message, content: [block], stop_reason: stop, usage } };
  const isText = block.type === "text";
  const delta = isText
    ? { type: "text_delta", text: block.text }
    : { type: "input_json_delta", partial_json: JSON.stringify(block.input) };
  const events = [
    { type: "message_start", message },
    {
      type: "content_block_start",
      index: 0,
      content_block: isText ? { type: "text", text: "" } : { ...block, input: {} },
    },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: stop, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  return { events: events.map((data) => ({ name: data.type, data })) };
}

const ANTHROPIC: Form = {
  // On Foundry, and on Vertex: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
  matches: /^(\/anthropic)?\/v1\/messages|\/publishers\/anthropic\/models\//,
  failure: (mode) =>
    ({
      unauthorized: anthropicError(401, "authentication_error", "invalid x-api-key"),
      limited: anthropicError(429, "rate_limit_error", "This request would exceed your rate limit."),
      limitedUntil: anthropicError(429, "rate_limit_error", "This request would exceed your rate limit.", {
        "retry-after": String(RETRY_AFTER),
        // What a subscription's limit adds: five hours from the first call.
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": String(Math.floor(Date.now() / 1000) + RETRY_AFTER),
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
      }),
      overloaded: anthropicError(529, "overloaded_error", "Overloaded"),
      credit: anthropicError(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
      ),
    })[mode],
  answer: (asked) => anthropicMessage(asked, { type: "text", text: ANSWER }, "end_turn"),
  tool: (asked) =>
    anthropicMessage(
      asked,
      { type: "tool_use", id: "toolu_0", name: "Bash", input: { command: COMMAND, description: "Make it" } },
      "tool_use",
    ),
  hasResult: ({ body }) => JSON.stringify(body.messages).includes('"tool_result"'),
};

const geminiError = (code: number, status: string, message: string, details: unknown[] = []): Reply => ({
  status: code,
  json: { error: { code, message, status, details } },
});

function geminiContent(asked: Asked, part: Record<string, unknown>): Reply {
  const data = {
    candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }],
    usageMetadata: {
      promptTokenCount: USAGE.input,
      candidatesTokenCount: USAGE.output,
      totalTokenCount: USAGE.input + USAGE.output,
    },
    modelVersion: "gemini",
  };
  return asked.path.includes(":stream") ? { events: [{ data }] } : { json: data };
}

/** Gemini CLI first asks a small model which model suits the prompt, and asks again for a minute if this is no JSON. */
function geminiAnswer(asked: Asked, part: Record<string, unknown>): Reply {
  const { responseJsonSchema } = (asked.body.generationConfig ?? {}) as {
    responseJsonSchema?: { properties?: Readonly<Record<string, { readonly type?: string }>> };
  };
  if (responseJsonSchema === undefined) return geminiContent(asked, part);
  const values = Object.entries(responseJsonSchema.properties ?? {}).map(
    ([name, { type }]) => [name, type === "INTEGER" ? 1 : "text"] as const,
  );
  return geminiContent(asked, { text: JSON.stringify(Object.fromEntries(values)) });
}

const QUOTA = (id: string, more: unknown[] = []): unknown[] => [
  { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId: id }] },
  ...more,
];

const GEMINI: Form = {
  matches: /^\/v1(beta)?\/models\/|\/publishers\/google\/models\//,
  failure: (mode) =>
    ({
      unauthorized: geminiError(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
        },
      ]),
      limited: geminiError(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
      limitedUntil: geminiError(
        429,
        "RESOURCE_EXHAUSTED",
        `You exceeded your current quota. Please retry in ${RETRY_AFTER}s.`,
        QUOTA("GenerateRequestsPerMinutePerProjectPerModel", [
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${RETRY_AFTER}s` },
        ]),
      ),
      overloaded: geminiError(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
      credit: geminiError(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        QUOTA("GenerateRequestsPerDayPerProjectPerModel"),
      ),
    })[mode],
  answer: (asked) => geminiAnswer(asked, { text: ANSWER }),
  tool: (asked) =>
    geminiAnswer(asked, { functionCall: { name: "run_shell_command", args: { command: COMMAND } } }),
  hasResult: ({ body }) => JSON.stringify(body.contents).includes('"functionResponse"'),
};

const openaiError = (
  status: number,
  type: string,
  code: string | null,
  message: string,
  headers = {},
): Reply => ({ status, headers, json: { error: { message, type, param: null, code } } });

function openaiResponse(asked: Asked, item: Record<string, unknown>): Reply {
  const response = { id: "resp_0", object: "response", created_at: 0, model: asked.body.model };
  const usage = {
    input_tokens: USAGE.input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: USAGE.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: USAGE.input + USAGE.output,
  };
  const done = { ...response, status: "completed", output: [item], usage };
  if (asked.body.stream !== true) return { json: done };
  const events = [
    { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
    { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress" } },
    ...(item.type === "message"
      ? [
          {
            type: "response.output_text.delta",
            item_id: item.id,
            output_index: 0,
            content_index: 0,
            delta: ANSWER,
          },
        ]
      : []),
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: done },
  ];
  return { events: events.map((data) => ({ name: data.type, data })) };
}

const OPENAI: Form = {
  matches: /^\/v1\/responses/,
  failure: (mode) =>
    ({
      unauthorized: openaiError(
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided.",
      ),
      limited: openaiError(429, "requests", "rate_limit_exceeded", "Rate limit reached."),
      limitedUntil: openaiError(
        429,
        "tokens",
        "rate_limit_exceeded",
        `Rate limit reached. Please try again in ${RETRY_AFTER}s.`,
        { "retry-after": String(RETRY_AFTER) },
      ),
      overloaded: openaiError(503, "server_error", null, "The engine is currently overloaded."),
      credit: openaiError(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
      ),
    })[mode],
  answer: (asked) =>
    openaiResponse(asked, {
      id: "msg_0",
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: ANSWER, annotations: [] }],
    }),
  tool: (asked) =>
    openaiResponse(asked, {
      id: "fc_0",
      type: "function_call",
      call_id: "call_0",
      name: "shell",
      arguments: JSON.stringify({ command: ["bash", "-lc", COMMAND] }),
      status: "completed",
    }),
  hasResult: ({ body }) => JSON.stringify(body.input).includes('"function_call_output"'),
};

const FORMS: readonly Form[] = [ANTHROPIC, GEMINI, OPENAI];

export class ModelApi {
  /** Requests to a model, in their order. */
  readonly asked: Asked[] = [];

  private constructor(
    private readonly server: Server,
    private readonly ip: string,
    /** How requests are answered from now on. */
    public mode: Mode,
  ) {}

  /** @param ip another address of this machine, for clients in networks of their own */
  static async start(mode: Mode = "ok", ip = "127.0.0.1"): Promise<ModelApi> {
    const server = createServer();
    const api = new ModelApi(server, ip, mode);
    server.on("request", (request, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        api.handle(request.url ?? "", request.headers, Buffer.concat(chunks).toString(), response),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, ip, resolve));
    return api;
  }

  get url(): string {
    return `http://${this.ip}:${(this.server.address() as AddressInfo).port}`;
  }

  /** Variables that lead each agent here. */
  get variables(): Readonly<Record<string, string>> {
    return {
      ANTHROPIC_BASE_URL: this.url,
      GOOGLE_GEMINI_BASE_URL: this.url,
      OPENAI_BASE_URL: `${this.url}/v1`,
      // No other request of theirs leaves the machine.
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      GEMINI_TELEMETRY_ENABLED: "false",
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private handle(path: string, headers: IncomingHttpHeaders, text: string, response: ServerResponse): void {
    const form = FORMS.find(({ matches }) => matches.test(path));
    // Codex tries a WebSocket first, and takes this answer for a server without one.
    if (headers.upgrade !== undefined) return void response.writeHead(426).end();
    if (form === undefined || text === "") return void response.writeHead(404).end();
    if (path.includes("count_tokens")) return send(response, { json: { input_tokens: USAGE.input } });
    if (path.includes(":countTokens")) return send(response, { json: { totalTokens: USAGE.input } });
    const asked = { path, headers, body: JSON.parse(text) as Record<string, unknown> };
    this.asked.push(asked);
    switch (this.mode) {
      case "stall":
        return;
      case "cut": {
        const { events = [] } = form.answer(asked);
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(events.slice(0, 2).map(eventText).join(""), () => response.destroy());
        return;
      }
      case "ok":
        return send(response, form.answer(asked));
      case "tools":
        return send(response, form.tool(asked));
      case "tool":
        return send(response, form.hasResult(asked) ? form.answer(asked) : form.tool(asked));
      default:
        return send(response, form.failure(this.mode));
    }
  }
}

const eventText = ({ name, data }: { readonly name?: string; readonly data: unknown }): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

function send(response: ServerResponse, { status = 200, headers, events, json }: Reply): void {
  if (events !== undefined) {
    response.writeHead(status, { "content-type": "text/event-stream", ...headers });
    response.end(events.map(eventText).join(""));
  } else {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(json));
  }
}
