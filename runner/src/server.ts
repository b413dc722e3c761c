import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { ENDPOINTS } from "./contract";
import type { Metrics } from "./metrics";
import { statusPage } from "./status-page";

/** Seconds beyond the agent's own timeout before a silent run counts as hung: Ralph ends the agent at that. */
const MARGIN = 60;

/** What the endpoints tell. */
export interface Told {
  readonly metrics: Metrics;
  readonly served: boolean;
  /** Seconds of silence after which Ralph ends an agent. */
  readonly agentTimeout: number;
  /** Why the pod is not ready; undefined when it is. */
  readonly unready: () => string | undefined;
}

/** Why the runner is not healthy: nothing has moved for longer than anything may stand still. */
export function unhealthy({ metrics, agentTimeout }: Told, now = Date.now()): string | undefined {
  const silent = (now - metrics.lastProgress) / 1000;
  return silent > agentTimeout + MARGIN ? `no progress for ${Math.round(silent)} s` : undefined;
}

/** Serves the probes, the metrics and a page for people. @throws when the port cannot be had */
export function serve(port: number, told: Told): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, told).catch(() => response.writeHead(500).end());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => resolve(server));
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, told: Told): Promise<void> {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  const text = (status: number, body: string): void => send(status, "text/plain; charset=utf-8", `${body}\n`);
  const verdict = (problem: string | undefined): void =>
    problem === undefined ? text(200, "ok") : text(503, problem);

  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "GET only");
  const { registry } = told.metrics;
  switch (request.url?.split("?")[0]) {
    case ENDPOINTS.live:
      return verdict(unhealthy(told));
    case ENDPOINTS.ready:
      return verdict(told.unready());
    case ENDPOINTS.metrics:
      return told.served
        ? send(200, registry.contentType, await registry.metrics())
        : text(404, "switched off");
    case ENDPOINTS.status:
      return send(
        200,
        "text/html; charset=utf-8",
        statusPage(told.metrics, told.unready() ?? unhealthy(told)),
      );
    default:
      return text(404, "not found");
  }
}
