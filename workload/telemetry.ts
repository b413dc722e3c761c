import * as pulumi from "@pulumi/pulumi";
import type { Variables } from "../runner/src/contract";
import type { RalphConfig } from "./keys";

/** What the runner must know of the collector, except the headers. */
export function telemetryVariables({ telemetry: { otlp }, namespace }: RalphConfig): Variables {
  if (otlp === undefined) return {};
  const signals = (["traces", "metrics", "logs"] as const).filter((each) => otlp[each]);
  return {
    RALPH_OTLP_ENDPOINT: otlp.endpoint,
    RALPH_OTLP_PROTOCOL: otlp.protocol,
    ...(signals.length === 0 ? {} : { RALPH_OTLP_SIGNALS: signals.join() }),
    RALPH_OTLP_ATTRIBUTES: `k8s.namespace.name=${namespace}`,
  };
}

/** The key of the Secret with the headers, which is the variable. */
export const HEADERS_KEY = "RALPH_OTLP_HEADERS";

/** The contents of that Secret; empty without headers. */
export function telemetryData({ telemetry: { otlp } }: RalphConfig): Record<string, pulumi.Output<string>> {
  const headers = Object.entries(otlp?.headers ?? {});
  if (headers.length === 0) return {};
  const values = pulumi.all(headers.map(([, value]) => value));
  return {
    [HEADERS_KEY]: values.apply((texts) =>
      texts.map((text, i) => `${headers[i]?.[0]}=${encodeURIComponent(text)}`).join(),
    ),
  };
}
