import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Where Kubernetes puts a pod's token, namespace and the server's authority. */
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Milliseconds of silence after which the API server counts as unreachable. */
const PATIENCE = 30_000;

/** The API server of the pod's own cluster, as its service account. */
export interface OwnCluster {
  readonly namespace: string;
  /** @throws if the server does not answer, or refuses */
  readonly send: <T>(method: "GET" | "POST" | "DELETE", path: string, object?: object) => Promise<T>;
}

export function ownCluster(env: NodeJS.ProcessEnv, folder = ACCOUNT): OwnCluster {
  const read = (file: string): string => readFileSync(join(folder, file), "utf8").trim();
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  return {
    namespace: read("namespace"),
    send: <T>(method: string, path: string, object?: object) =>
      new Promise<T>((resolve, reject) => {
        const request = https.request(
          {
            ...{ host, port, path, method, timeout: PATIENCE, ca: read("ca.crt") },
            // Read each time: the kubelet renews it.
            headers: { authorization: `Bearer ${read("token")}`, "content-type": "application/json" },
          },
          (response) => {
            text(response).then((body) => {
              const { statusCode = 0 } = response;
              if (statusCode >= 200 && statusCode < 300) resolve(JSON.parse(body) as T);
              else reject(new Error(`${method} ${path}: ${statusCode} ${messageIn(body)}`));
            }, reject);
          },
        );
        request.on("timeout", () => request.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
        request.on("error", ({ message }) =>
          reject(new Error(`the API server at ${host}:${port}: ${message}`)),
        );
        request.end(object === undefined ? undefined : JSON.stringify(object));
      }),
  };
}

function messageIn(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? "";
  } catch {
    return body.trim().split("\n")[0] ?? "";
  }
}
