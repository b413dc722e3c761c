import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const entry = <Key extends "cluster" | "user">(key: Key, body: z.ZodType<Record<string, unknown>>) =>
  z.array(z.looseObject({ name: z.string() }).and(z.object({ [key]: body } as Record<Key, typeof body>)));

const schema = z.looseObject({
  "current-context": z.string().optional(),
  contexts: z.array(
    z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: entry("cluster", z.looseObject({ server: z.string() })),
  users: entry("user", z.looseObject({})),
});

/** One context of a kubeconfig, alone, so that nothing of the other contexts gets into a state file. */
export interface Context {
  readonly name: string;
  /** Address of the API server. */
  readonly server: string;
  /** A kubeconfig with this context only. */
  readonly kubeconfig: string;
}

/** Why a kubeconfig gives no context, in words that fit behind its file's name. */
export class KubeconfigError extends Error {
  constructor(
    readonly about: "kubeconfig" | "context",
    message: string,
  ) {
    super(message);
  }
}

/** Keys that name a file, relative to the kubeconfig's own folder. */
const FILE_KEYS = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/**
 * Picks one context, by default the current one.
 *
 * @param folder where the kubeconfig lies: the base of the files it names
 * @throws KubeconfigError where it is no kubeconfig or has no such context
 */
export function selectContext(text: string, folder: string, wanted?: string): Context {
  const config = read(text);
  const name = wanted ?? config["current-context"];
  if (name === undefined || name === "") throw new KubeconfigError("context", "has no current context");

  const context = config.contexts.find((each) => each.name === name);
  const names = config.contexts.map((each) => each.name).join(", ");
  if (context === undefined)
    throw new KubeconfigError("context", `has no context "${name}"; it has ${names || "none"}`);
  const cluster = config.clusters.find((each) => each.name === context.context.cluster);
  const user = config.users.find((each) => each.name === context.context.user);
  if (cluster === undefined)
    throw new KubeconfigError("kubeconfig", `has no cluster "${context.context.cluster}"`);
  if (user === undefined) throw new KubeconfigError("kubeconfig", `has no user "${context.context.user}"`);

  return {
    name,
    server: cluster.cluster.server as string,
    kubeconfig: JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [context],
      clusters: [{ ...cluster, cluster: absolute(cluster.cluster, folder) }],
      users: [{ ...user, user: absolute(user.user, folder) }],
    }),
  };
}

function read(text: string): z.infer<typeof schema> {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw new KubeconfigError("kubeconfig", "is no YAML");
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new KubeconfigError("kubeconfig", "is no kubeconfig");
  return result.data;
}

function absolute(body: Record<string, unknown>, folder: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      FILE_KEYS.includes(key) && typeof value === "string" ? path.resolve(folder, value) : value,
    ]),
  );
}

/** How to reach a cluster and who asks for a token there: nothing of it is a credential. */
export interface ExecAccess {
  /** Name of cluster, user and context. */
  readonly name: string;
  readonly server: string;
  /** Base64 PEM; absent where the server's certificate is a public one. */
  readonly certificateAuthority?: string;
  readonly exec: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly installHint: string;
    readonly provideClusterInfo?: true;
  };
}

/** A kubeconfig that authenticates by a program, anew each time; a run without a terminal fails, never asks. */
export function execKubeconfig({ name, server, certificateAuthority, exec }: ExecAccess): string {
  const { env = {}, ...program } = exec;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(certificateAuthority === undefined
            ? {}
            : { "certificate-authority-data": certificateAuthority }),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            interactiveMode: "Never",
            ...program,
            env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
          },
        },
      },
    ],
  });
}
