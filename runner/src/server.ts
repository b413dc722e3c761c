import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { ENDPOINTS } from "./contract";
import type { Metrics } from "./metrics";
import { statusPage } from "./status-page";

/** Seconds of silence beyond the agent's timeout, at which Ralph ends the agent, after which a run counts as hung. */
const MARGIN = 60;

/** The state that the endpoints report. */
export interface ServedState {
  readonly metrics: Metrics;
  /** Whether /metrics is served. */
  readonly served: boolean;
  /** Seconds of silence after which Ralph ends an agent. */
  readonly agentTimeout: number;
  /** Why the pod is not ready; undefined if it is. */
  readonly unready: () => string | undefined;
  /** What a ready pod waits for before it can work; undefined if nothing. */
  readonly waiting?: string;
}

/** Why the runner is unhealthy: no progress for longer than any step may take. @returns undefined if it is healthy */
export function unhealthy({ metrics, agentTimeout }: ServedState, now = Date.now()): string | undefined {
  const silent = (now - metrics.lastProgress) / 1000;
  return silent > agentTimeout + MARGIN ? `no progress for ${Math.round(silent)} s` : undefined;
}

/**
 * Serves the probes, the metrics and the status page.
 * @param paths those that are served; all by default
 * @throws if the port is not available
 */
export function serve(
  port: number,
  state: ServedState,
  paths: readonly string[] = Object.values(ENDPOINTS),
): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, state, paths).catch(() => response.writeHead(500).end());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => resolve(server));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  state: ServedState,
  paths: readonly string[],
): Promise<void> {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  const text = (status: number, body: string): void => send(status, "text/plain; charset=utf-8", `${body}\n`);
  const verdict = (problem: string | undefined): void =>
    problem === undefined ? text(200, "ok") : text(503, problem);

  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "GET only");
  const { registry } = state.metrics;
  const path = request.url?.split("?")[0] ?? "";
  switch (paths.includes(path) ? path : undefined) {
    case ENDPOINTS.live:
      return verdict(unhealthy(state));
    case ENDPOINTS.ready:
      return state.waiting === undefined ? verdict(state.unready()) : text(200, state.waiting);
    case ENDPOINTS.metrics:
      if (!state.served) return text(404, "disabled");
      send(200, registry.contentType, await registry.metrics());
      state.metrics.scrapes++;
      return;
    case ENDPOINTS.status:
      return send(
        200,
        "text/html; charset=utf-8",
        statusPage(
          state.metrics,
          state.waiting ?? state.unready() ?? unhealthy(state),
          state.served && paths.includes(ENDPOINTS.metrics),
        ),
      );
    default:
      return text(404, "not found");
  }
}
