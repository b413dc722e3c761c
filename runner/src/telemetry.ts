import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";

import { type Agent, type AgentName, AGENTS, type Outcome } from "./contract";
import type { Log } from "./log";
import {
  attributeList,
  type Attributes,
  nanoseconds,
  type OtlpSpan,
  pairsOf,
  post,
  traceRequest,
} from "./otlp";
import type { Settings } from "./settings";

const SIGNALS = ["traces", "metrics", "logs"] as const;

/** Milliseconds between two requests, and for one; spans that wait meanwhile, of which the oldest are dropped. */
const LIMITS = { interval: 5_000, timeout: 5_000, waiting: 1_000 };
/** Spans for one look at Ralph's count of iterations, which an agent can write. */
const AT_ONCE = 100;

type TelemetrySettings = Pick<
  Settings,
  "otlpEndpoint" | "otlpProtocol" | "otlpSignals" | "otlpHeaders" | "otlpAttributes"
>;

/** A span that has not ended. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly end: (failed?: boolean, attributes?: Attributes) => void;
}

/** The trace of a run: a span for it, and one for each iteration. */
export interface RunTrace {
  /** The variables by which the agent sends its own telemetry, as a part of the trace. */
  readonly variables: Readonly<Record<string, string>>;
  readonly iterated: (total: number) => void;
  /** Only the first call counts. */
  readonly end: (outcome: Outcome, attributes?: Attributes) => void;
}

const ERRORS: readonly Outcome[] = ["failed", "stuck", "setup", "unavailable"];

/**
 * Sends traces to a collector, as OTLP in JSON: a library for it is larger than this whole program. The work waits for no
 * collector, and one that does not answer misses what does not fit into a small buffer.
 */
export class Telemetry {
  /** The last run: the push of its results belongs to its trace. */
  private last: Span | undefined;
  private waiting: readonly OtlpSpan[] = [];
  private sending: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isDown = false;
  private readonly traces: boolean;

  constructor(
    private readonly settings: TelemetrySettings,
    private readonly resource: Attributes,
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: Log,
    private readonly limits = LIMITS,
  ) {
    this.traces = settings.otlpEndpoint !== undefined && settings.otlpSignals.includes("traces");
  }

  /** @param first iterations of earlier runs of the same work */
  startRun(agent: AgentName, prompt: string, number: number, first: number): RunTrace {
    const attributes = { "ralph.prompt": prompt, "ralph.agent": agent, "ralph.run": number };
    const run = this.span("run", attributes);
    const startIteration = (): Span => this.span("iteration", { "ralph.iteration": done + 1 }, run);
    this.last = run;
    let done = first;
    let iteration = startIteration();
    return {
      variables: this.variablesOf(agent, run, attributes),
      iterated: (total) => {
        for (let count = 0; done < total && count < AT_ONCE; count++) {
          iteration.end();
          done++;
          iteration = startIteration();
        }
        done = total;
      },
      end: (outcome, more = {}) =>
        run.end(ERRORS.includes(outcome), { "ralph.outcome": outcome, "ralph.iterations": done, ...more }),
    };
  }

  /** Records a push of the last run's results. */
  readonly push = async (work: () => Promise<boolean>): Promise<boolean> => {
    const span = this.span("push", {}, this.last);
    const pushed = await work();
    span.end(!pushed);
    return pushed;
  };

  /** Sends what is left, if the collector takes it in the time of one request, and little more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    const rest = (async () => {
      await this.sending;
      await this.send();
    })();
    await Promise.race([rest, delay(this.limits.timeout + 500, undefined, { ref: false })]);
  }

  private variablesOf(name: AgentName, run: Span, attributes: Attributes): Record<string, string> {
    const { otlpEndpoint, otlpProtocol, otlpSignals, otlpHeaders, otlpAttributes } = this.settings;
    const { telemetry }: Agent = AGENTS[name];
    if (otlpEndpoint === undefined || telemetry === undefined) return {};
    if (telemetry.all === true && SIGNALS.some((signal) => !otlpSignals.includes(signal))) return {};
    const exporters = SIGNALS.map((signal) => [
      `OTEL_${signal.toUpperCase()}_EXPORTER`,
      otlpSignals.includes(signal) ? "otlp" : "none",
    ]);
    const own = Object.entries(attributes).map(
      ([key, value]) => `${key}=${encodeURIComponent(String(value))}`,
    );
    return {
      ...telemetry.variables,
      ...Object.fromEntries(exporters),
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: otlpProtocol,
      ...(otlpHeaders === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders }),
      OTEL_RESOURCE_ATTRIBUTES: [...(otlpAttributes === undefined ? [] : [otlpAttributes]), ...own].join(),
      ...(this.traces ? { TRACEPARENT: `00-${run.traceId}-${run.spanId}-01` } : {}),
    };
  }

  private span(name: string, attributes: Attributes, parent?: Span): Span {
    const traceId = parent?.traceId ?? randomBytes(16).toString("hex");
    const spanId = randomBytes(8).toString("hex");
    const began = Date.now();
    let ended = false;
    return {
      traceId,
      spanId,
      end: (failed = false, more = {}) => {
        if (ended) return;
        ended = true;
        this.add({
          traceId,
          spanId,
          ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
          name,
          kind: 1,
          startTimeUnixNano: nanoseconds(began),
          endTimeUnixNano: nanoseconds(Date.now()),
          attributes: attributeList({ ...attributes, ...more }),
          status: { code: failed ? 2 : 1 },
        });
      },
    };
  }

  private add(span: OtlpSpan): void {
    if (!this.traces) return;
    this.waiting = [...this.waiting, span].slice(-this.limits.waiting);
    this.timer ??= setInterval(() => {
      this.sending ??= this.send().finally(() => (this.sending = undefined));
    }, this.limits.interval).unref();
  }

  private async send(): Promise<void> {
    const spans = this.waiting;
    if (spans.length === 0) return;
    this.waiting = [];
    const { otlpEndpoint = "", otlpHeaders, otlpAttributes } = this.settings;
    const resource = {
      "service.name": "ralph-runner",
      ...this.resource,
      ...Object.fromEntries(pairsOf(otlpAttributes)),
    };
    try {
      const status = await post(
        `${otlpEndpoint.replace(/\/$/, "")}/v1/traces`,
        Object.fromEntries(pairsOf(otlpHeaders)),
        traceRequest(resource, spans),
        this.env,
        this.limits.timeout,
      );
      // What a collector refuses, it would refuse again.
      if (status >= 300) return this.failed(`the collector answers ${status}`);
      this.isDown = false;
    } catch (error) {
      this.waiting = [...spans, ...this.waiting].slice(-this.limits.waiting);
      this.failed((error as Error).message);
    }
  }

  /** As long as it is the same trouble, one line says so. */
  private failed(error: string): void {
    if (!this.isDown) this.log("cannot send traces", { error });
    this.isDown = true;
  }
}
