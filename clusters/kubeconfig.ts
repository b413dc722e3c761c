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

/** One context of a kubeconfig, without the other contexts, which must not get into a state file. */
export interface Context {
  readonly name: string;
  /** Address of the API server. */
  readonly server: string;
  /** A kubeconfig with only this context. */
  readonly kubeconfig: string;
}

/** Why a kubeconfig has no usable context. The message continues a sentence that begins with the file's name. */
export class KubeconfigError extends Error {
  constructor(
    readonly about: "kubeconfig" | "context",
    message: string,
  ) {
    super(message);
  }
}

/** Keys that name a file, relative to the kubeconfig's folder. */
const FILE_KEYS = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/**
 * Selects one context, by default the current one.
 *
 * @param folder the kubeconfig's folder, to which the files that it names are relative
 * @throws KubeconfigError if it is not a kubeconfig or has no such context
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
    throw new KubeconfigError("kubeconfig", "is not valid YAML");
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new KubeconfigError("kubeconfig", "is not a kubeconfig");
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

/** The address of a cluster, and the program that gets tokens for it. None of it is a credential. */
export interface ExecAccess {
  /** Name of cluster, user and context. */
  readonly name: string;
  readonly server: string;
  /** Base64 PEM; undefined if a public authority issued the server's certificate. */
  readonly certificateAuthority?: string;
  readonly exec: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly installHint: string;
    readonly provideClusterInfo?: true;
  };
}

/** A kubeconfig that runs a program to get a token for each connection. The program must never prompt. */
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
