import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";

import type { Values } from "../engine/state";

/** An object as the server holds it. */
export interface Live {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly Owner[];
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly spec?: Values;
  readonly status?: Values;
}

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The objects of a cluster, of any kind. */
export interface ClusterApi {
  /** Address of the API server. */
  readonly server: string;
  /** In one namespace, or in all; none where the server does not know the kind. */
  readonly list: (kind: Kind, namespace?: string) => Promise<readonly Live[]>;
  /** Undefined where there is none. */
  readonly get: (kind: Kind, name: string, namespace?: string) => Promise<Live | undefined>;
  /** Asks for its deletion, dependents first; one that is gone is as it should be. */
  readonly remove: (object: Live) => Promise<void>;
}

/** Milliseconds that a server may take for an answer. */
const PATIENCE = 20_000;

/** What programs that give a token learn of their caller: without it some of them refuse. */
const EXEC_INFO = JSON.stringify({
  apiVersion: "client.authentication.k8s.io/v1beta1",
  kind: "ExecCredential",
  spec: { interactive: false },
});

/** Where and why a cluster cannot be reached. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** @throws Unreachable where the server does not answer, or lets nobody in. */
export async function connect(kubeconfig: string): Promise<ClusterApi> {
  // Loaded here, for it takes a second: not every command asks a cluster.
  const { KubeConfig, KubernetesObjectApi, VersionApi } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  for (const { exec } of config.users) {
    if (exec !== undefined && exec !== null)
      exec.env = [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: EXEC_INFO }];
  }
  const server = config.getCurrentCluster()?.server ?? "";
  try {
    await inTime(config.makeApiClient(VersionApi).getCode());
  } catch (error) {
    throw new Unreachable(`${server} does not answer: ${reason(error)}`);
  }
  return api(server, KubernetesObjectApi.makeApiClient(config));
}

const api = (server: string, objects: KubernetesObjectApi): ClusterApi => ({
  server,
  async list({ apiVersion, kind }, namespace) {
    const found: Live[] = [];
    let next: string | undefined;
    do {
      const page = await unlessAbsent(
        inTime(
          objects.list(
            apiVersion,
            kind,
            namespace,
            undefined,
            undefined,
            undefined,
            undefined,
            undefined,
            500,
            next,
          ),
        ),
      );
      // The items of a list do not say what they are.
      found.push(...(page?.items ?? []).map((item) => ({ ...(item as unknown as Live), apiVersion, kind })));
      next = page?.metadata?._continue;
    } while (next !== undefined && next !== "");
    return found;
  },
  async get({ apiVersion, kind }, name, namespace) {
    const header = { apiVersion, kind, metadata: { name, namespace: namespace ?? "" } };
    return (await unlessAbsent(inTime(objects.read(header)))) as Live | undefined;
  },
  async remove({ apiVersion, kind, metadata: { name, namespace } }) {
    const object: KubernetesObject = { apiVersion, kind, metadata: { name, namespace } };
    await unlessAbsent(
      inTime(objects.delete(object, undefined, undefined, undefined, undefined, "Foreground")),
    );
  },
});

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const unknownKind = error instanceof Error && /Unrecognized API version and kind/.test(error.message);
    if (unknownKind || (error as { code?: number }).code === 404) return undefined;
    throw new Error(reason(error));
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a person can do something with: the server's own message, or the last line of a program's. */
function reason(error: unknown): string {
  const { body, message, code } = error as { body?: unknown; message?: string; code?: number };
  const said = answered(body)?.message;
  if (said !== undefined) return `${code} ${said}`;
  return (message ?? String(error)).trim().split("\n")[0] ?? "";
}

function answered(body: unknown): { message?: string } | undefined {
  if (typeof body !== "string") return body as { message?: string } | undefined;
  try {
    return JSON.parse(body) as { message?: string };
  } catch {
    return undefined; // no answer of an API server
  }
}
