/**
 * Stand-ins of the agent that gives pods of EKS their credentials, and of Amazon Bedrock, which checks the signature of
 * every call as AWS does and answers calls of one model.
 */
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";

/** Of a session, as https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html issues them. */
export const ISSUED = {
  AccessKeyId: "ASIAPODIDENTITY00001",
  SecretAccessKey: "canary-secret",
  Token: "canary-session",
};

export interface BedrockCall {
  readonly path: string;
  /** `<access key>/<region>/<service>` of a signature that is right, or what is wrong with it. */
  readonly signedBy: string;
}

/** Address and port; 0 is any free one. */
type Place = readonly [ip: string, port: number];
const LOOPBACK: Place = ["127.0.0.1", 0];
interface Places {
  readonly agent?: Place;
  readonly api?: Place;
}

export class Bedrock {
  readonly calls: BedrockCall[] = [];
  /** Tokens that credentials were asked for with. */
  readonly tokens: (string | undefined)[] = [];

  private constructor(
    private readonly agent: Server,
    private readonly api: Server,
  ) {}

  /** @param places other addresses of this machine, for clients in networks of their own */
  static async start(
    model: string,
    { agent: [agentIp, agentPort] = LOOPBACK, api: [apiIp, apiPort] = LOOPBACK }: Places = {},
    says = "OK",
  ): Promise<Bedrock> {
    const [agent, api] = [createServer(), createServer()];
    const started = new Bedrock(agent, api);
    agent.on("request", (request, response) => {
      started.tokens.push(request.headers.authorization);
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      json(response, 200, { ...ISSUED, AccountId: "123456789012", Expiration });
    });
    api.on("request", (request, response) => void started.answer(request, response, model, says));
    await Promise.all([
      new Promise<void>((resolve) => agent.listen(agentPort, agentIp, resolve)),
      new Promise<void>((resolve) => api.listen(apiPort, apiIp, resolve)),
    ]);
    return started;
  }

  /** What EKS adds to a pod, but for the file of its token, and where the API is. */
  get variables(): NodeJS.ProcessEnv {
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${urlOf(this.agent)}/v1/credentials`,
      ANTHROPIC_BEDROCK_BASE_URL: urlOf(this.api),
    };
  }

  get apiPort(): number {
    return (this.api.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const server of [this.agent, this.api]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    model: string,
    says: string,
  ): Promise<void> {
    const signedBy = signer(request, await buffer(request));
    const path = request.url ?? "";
    this.calls.push({ path, signedBy });
    if (decodeURIComponent(path) === `/model/${model}/invoke-with-response-stream`) {
      response.setHeader("content-type", "application/vnd.amazon.eventstream");
      response.end(Buffer.concat(events(says).map(frame)));
    } else json(response, 403, { message: "not authorized to perform: bedrock:InvokeModel" });
  }
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address}${port === 80 ? "" : `:${port}`}`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer | string, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signer({ method, url = "", headers }: IncomingMessage, body: Buffer): string {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/;
  const [, key, date = "", region = "", service = "", signed = "", signature] =
    form.exec(headers.authorization ?? "") ?? [];
  if (key === undefined) return `no signature: ${headers.authorization ?? "no credentials"}`;
  if (key !== ISSUED.AccessKeyId || headers["x-amz-security-token"] !== ISSUED.Token)
    return "other credentials";
  const [path = "", query = ""] = url.split("?");
  const canonical = [
    method,
    path.split("/").map(encodeURIComponent).join("/"),
    query.split("&").sort().join("&"),
    ...signed.split(";").map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    signed,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const signingKey = [date, region, service, "aws4_request"].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${ISSUED.SecretAccessKey}`,
  );
  return hmac(signingKey, text).toString("hex") === signature
    ? `${key}/${region}/${service}`
    : "a wrong signature";
}

const USAGE = { input_tokens: 3, output_tokens: 1 };
/** An answer, as Anthropic's models stream it. */
const events = (text: string): readonly object[] => [
  {
    type: "message_start",
    message: { id: "msg_1", type: "message", role: "assistant", model: "claude", content: [], usage: USAGE },
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: USAGE },
  { type: "message_stop" },
];

/** One message of https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html (event stream encoding). */
function frame(event: object): Buffer {
  const header = (name: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.from([name.length]),
      Buffer.from(name),
      Buffer.from([7, value.length >> 8, value.length & 255]),
      Buffer.from(value),
    ]);
  const headers = Buffer.concat([
    header(":message-type", "event"),
    header(":event-type", "chunk"),
    header(":content-type", "application/json"),
  ]);
  const payload = Buffer.from(
    JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64") }),
  );
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const head = Buffer.concat([prelude, checksum(prelude), headers, payload]);
  assert.ok(headers.length < 256 && payload.length < 65_536);
  return Buffer.concat([head, checksum(head)]);
}

function checksum(data: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(data));
  return sum;
}
