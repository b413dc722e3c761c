import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A finished span, as OTLP writes it in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 1; // internal
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status: { readonly code: 1 | 2 };
}

export const nanoseconds = (milliseconds: number): string => `${milliseconds}000000`;

export const attributeList = (attributes: Attributes): object[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );

function valueOf(value: string | number): object {
  if (typeof value === "string") return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

export const traceRequest = (resource: Attributes, spans: readonly OtlpSpan[]): object => ({
  resourceSpans: [
    {
      resource: { attributes: attributeList(resource) },
      scopeSpans: [{ scope: { name: "ralph-runner" }, spans }],
    },
  ],
});

/**
 * `name=value` separated by commas, values percent-encoded: the form of OTEL_RESOURCE_ATTRIBUTES and of
 * OTEL_EXPORTER_OTLP_HEADERS.
 */
export const pairsOf = (text = ""): [string, string][] =>
  text.split(",").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), decoded(pair.slice(equals + 1).trim())]];
  });

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The forms in which the values of headers could get into a log: all, without a scheme such as `Bearer`, and encoded. */
export const headerSecrets = (text: string | undefined): string[] => [
  ...new Set(
    pairsOf(text)
      .flatMap(([, value]) => [value, ...value.split(" ").slice(1)])
      .flatMap((value) => [value, encodeURIComponent(value)])
      .filter((value) => value.length >= 8), // nothing shorter is a credential
  ),
];

/** Sends one request, by the proxy that `env` names. @returns the status @throws Error if there is no answer in time */
export function post(
  address: string,
  headers: Readonly<Record<string, string>>,
  content: object,
  env: NodeJS.ProcessEnv,
  timeout: number,
): Promise<number> {
  const secure = address.startsWith("https:");
  // `proxyEnv` is an option of Node 24.
  const options = { proxyEnv: env } as object;
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  return new Promise<number>((resolve, reject) => {
    const call = (secure ? httpsRequest : httpRequest)(
      address,
      {
        method: "POST",
        agent,
        headers: { ...headers, "Content-Type": "application/json" },
        signal: AbortSignal.timeout(timeout),
      },
      (response) => {
        response.on("error", reject).on("end", () => resolve(response.statusCode ?? 0));
        response.resume();
      },
    );
    call.on("error", reject);
    call.end(JSON.stringify(content));
  });
}
