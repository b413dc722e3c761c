import http from "node:http";
import https, { type RequestOptions } from "node:https";
import { json } from "node:stream/consumers";

import { proxyFor } from "../../lib/proxy";

/** Milliseconds of silence after which the server counts as unreachable. */
const PATIENCE = 10_000;

/**
 * Reads an object of a cluster, by its path. Undefined if there is none, and if it cannot be read: then the provider
 * reports what is wrong with the access.
 */
export async function readObject<T>(kubeconfig: string, path: string): Promise<T | undefined> {
  // Loading the library takes half a second.
  const { KubeConfig } = await import("@kubernetes/client-node");
  try {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const cluster = config.getCurrentCluster();
    // The library knows the kubeconfig's `proxy-url` only.
    if (cluster !== null) Object.assign(cluster, { proxyUrl: cluster.proxyUrl ?? proxyFor(cluster.server) });
    const options: RequestOptions = { timeout: PATIENCE, headers: { accept: "application/json" } };
    await config.applyToHTTPSOptions(options);
    return await request<T>(new URL(`${cluster?.server.replace(/\/$/, "")}${path}`), options);
  } catch {
    return undefined;
  }
}

const request = <T>(url: URL, options: RequestOptions): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const sent = (url.protocol === "http:" ? http : https).get(url, options, (response) => {
      if (response.statusCode === 200) return json(response).then((body) => resolve(body as T), reject);
      response.resume();
      resolve(undefined);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
  });
