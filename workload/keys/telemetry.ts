import { isIP } from "node:net";
import { z } from "zod";
import { findIf, forbidden, required } from "../../config/findings";
import { matching } from "../../config/formats";
import { covers } from "../../lib/cidr";
import { VARIABLES } from "../../runner/src/contract";
import { namespace } from "./namespace";
import { networkPolicy } from "./network-policy";
import { proxy } from "./pods/proxy";
import { rule, secretText, section } from "./section";

const headerName = matching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "must be the name of an HTTP header");
const signal = (what: string) => z.boolean().default(true).meta({ description: what });

export const telemetry = section({
  otlp: section({
    endpoint: matching(
      VARIABLES.RALPH_OTLP_ENDPOINT.pattern,
      "must be an address such as http://collector.tracing.svc:4318, without a user, a query or /v1/traces",
    )
      .refine(
        (address) => URL.canParse(address),
        "must be an address such as http://collector.tracing.svc:4318",
      )
      .refine(
        (address) => !/\/v1\/(traces|metrics|logs)\/?$/.test(address),
        "must be the base address, without /v1/traces",
      )
      .meta({ description: "Base address of a collector that accepts OTLP over HTTP." }),
    protocol: z
      .enum(VARIABLES.RALPH_OTLP_PROTOCOL.choices)
      .default(VARIABLES.RALPH_OTLP_PROTOCOL.default)
      .meta({ description: "Form of the agents' telemetry. The runner's traces are JSON." }),
    headers: z.record(headerName, secretText).default({}).meta({
      description:
        "Secrets. Headers by name, such as `authorization`; agents have them too, so give a token that can only write.",
    }),
    traces: signal("Send a trace of each run: its iterations, its push, and what its agent adds."),
    metrics: signal("Have agents send their metrics."),
    logs: signal("Have agents send their events, without prompts and contents of files."),
  })
    .optional()
    .meta({
      description:
        "OpenTelemetry of the runner and of the agents that have it: Claude Code, and Gemini CLI if all three signals are on.",
    }),
})
  .prefault({})
  .meta({ description: "Traces, metrics and logs by OpenTelemetry." });

export type Otlp = NonNullable<z.output<typeof telemetry>["otlp"]>;

/** Where the collector is. */
export function addressOf({ endpoint }: Pick<Otlp, "endpoint">): {
  readonly host: string;
  readonly port: number;
} {
  const { hostname, port, protocol } = new URL(endpoint);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  };
}

/** The collector's address as a range, if it is one; the network policy opens it. */
export function rangeOf(otlp: Pick<Otlp, "endpoint">): string | undefined {
  const { host } = addressOf(otlp);
  return { 4: `${host}/32`, 6: `${host}/128` }[isIP(host)];
}

/** The namespace of a Service's name: `collector` in the pod's own, `collector.tracing.svc.cluster.local` in another. */
export const namespaceOf = (host: string, own: string): string | undefined => {
  const [, of, rest] = /^[^.]+(?:\.([^.]+)(\.svc(?:\.cluster\.local)?)?)?$/.exec(host) ?? [];
  if (of === undefined) return host.includes(".") ? undefined : own;
  return rest === undefined ? undefined : of;
};

export const rules = [
  rule(
    { telemetry, namespace, networkPolicy, proxy },
    ({ telemetry: { otlp }, namespace: own, ...values }) => {
      const { enabled, internet, allow, allowPods, deny } = values.networkPolicy;
      if (otlp === undefined || !enabled) return [];
      const { host, port } = addressOf(otlp);
      const range = rangeOf(otlp);
      const closed = deny.find((each) => range !== undefined && covers(each, range));
      if (closed !== undefined)
        return [
          forbidden(
            ["telemetry", "otlp", "endpoint"],
            `${host} lies in ${closed}, which networkPolicy.deny closes`,
          ),
        ];
      const home = range === undefined ? namespaceOf(host, own) : undefined;
      const why = `the network policy closes telemetry.otlp.endpoint, ${host}:${port}`;
      if (home !== undefined)
        return findIf(!allowPods.some((each) => each.namespace === home), () =>
          required(["networkPolicy", "allowPods", allowPods.length, "namespace"], home, why),
        );
      const isProxied =
        (otlp.endpoint.startsWith("https:") ? values.proxy.https : values.proxy.http) !== undefined;
      const isOpen =
        range !== undefined ||
        isProxied ||
        (internet && port === 443) ||
        allow.some(({ ports }) => ports.includes(port));
      return findIf(!isOpen, () =>
        required(["networkPolicy", "allow", allow.length, "cidr"], `<address of ${host}>/32`, why),
      );
    },
  ),
];
