import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { isMap } from "../config/path";

/**
 * The user's kubeconfig, found, merged and resolved as kubectl does it: by the rules of client-go
 * (k8s.io/client-go/tools/clientcmd/loader.go, https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 */

/** One context, without the other ones, which must not get into a state file. */
export interface Context {
  readonly name: string;
  /** Address of the API server. */
  readonly server: string;
  /** A kubeconfig with only this context. The paths in it are absolute. */
  readonly kubeconfig: string;
}

/** Why there is no usable context. The message begins with the file that it is about, if there is one. */
export class KubeconfigError extends Error {
  constructor(
    readonly about: "kubeconfig" | "context",
    message: string,
  ) {
    super(message);
  }
}

/** Where Kubernetes puts the credentials of a pod. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

type Body = Record<string, unknown>;
interface Entry {
  readonly name: string;
  readonly body: Body;
  /** Name and body, as a kubeconfig contains them. */
  readonly written: object;
}

/** What one file contains, or several. Of several entries of a name, the first counts, and no key of the others. */
interface Kubeconfig {
  /** The files, for messages. */
  readonly source: string;
  readonly current?: string;
  readonly contexts: readonly Entry[];
  readonly clusters: readonly Entry[];
  readonly users: readonly Entry[];
}

/**
 * Finds a context, by default the current one.
 *
 * @param wanted.kubeconfig a file, in which `~` is the user's home. By default the files of $KUBECONFIG or, without it,
 * ~/.kube/config; if they have no entry at all, the service account of the pod that this process runs in
 * @throws KubeconfigError if a file is invalid or there is no such context
 */
export function findContext(
  wanted: { readonly kubeconfig?: string; readonly context?: string },
  serviceAccount = SERVICE_ACCOUNT,
): Context {
  if (wanted.kubeconfig !== undefined) {
    const shown = wanted.kubeconfig;
    const file = fromHome(shown);
    const text = readFile(file, shown);
    if (text === undefined) throw new KubeconfigError("kubeconfig", `${shown} cannot be read: ENOENT`);
    return select(parseFile(text, file, shown), wanted.context);
  }
  const { KUBECONFIG = "" } = process.env;
  const files = KUBECONFIG === "" ? [path.join(os.homedir(), ".kube", "config")] : listed(KUBECONFIG);
  const found = files.flatMap((file) => {
    const text = readFile(path.resolve(file), file);
    return text === undefined ? [] : [parseFile(text, path.resolve(file), file)];
  });
  const merged = merge(found);
  if (merged.contexts.length + merged.clusters.length + merged.users.length === 0) {
    const pod = wanted.context === undefined ? podContext(serviceAccount) : undefined;
    if (pod !== undefined) return pod;
    if (found.length === 0)
      throw new KubeconfigError(
        "kubeconfig",
        KUBECONFIG === ""
          ? "$KUBECONFIG is not set, and ~/.kube/config does not exist"
          : `no file in $KUBECONFIG exists: ${KUBECONFIG}`,
      );
  }
  return select(merged, wanted.context);
}

/** The files that $KUBECONFIG lists, each once. */
const listed = (variable: string): readonly string[] => [
  ...new Set(variable.split(path.delimiter).filter((file) => file !== "")),
];

/** The absolute path of a file as a configuration names it. */
export const fromHome = (file: string): string => path.resolve(file.replace(/^~(?=\/)/, os.homedir()));

/** @returns undefined if there is no such file */
function readFile(file: string, shown: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new KubeconfigError("kubeconfig", `${shown} cannot be read: ${code}`);
  }
}

const entries = z.array(z.looseObject({ name: z.string() })).nullish();
const schema = z
  .looseObject({
    kind: z.literal("Config").optional(),
    "current-context": z.string().nullish(),
    contexts: entries,
    clusters: entries,
    users: entries,
  })
  // A part of a kubeconfig, such as one without users, is one; so is an empty file.
  .refine((file) => Object.keys(file).length === 0 || KEYS.some((key) => key in file));
const KEYS = ["kind", "current-context", "contexts", "clusters", "users"];

function parseFile(text: string, file: string, shown: string): Kubeconfig {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw new KubeconfigError("kubeconfig", `${shown} is not valid YAML`);
  }
  const result = schema.safeParse(value ?? {});
  if (!result.success) throw new KubeconfigError("kubeconfig", `${shown} is not a kubeconfig`);
  const { "current-context": current, contexts, clusters, users } = result.data;
  const folder = path.dirname(file);
  return {
    source: shown,
    current: current === "" ? undefined : (current ?? undefined),
    contexts: named(contexts, "context", (body) => body),
    clusters: named(clusters, "cluster", (body) => absolute(body, CLUSTER_FILES, folder)),
    users: named(users, "user", (body) => withProgram(absolute(body, USER_FILES, folder), folder)),
  };
}

const named = (
  list: readonly { readonly name: string; readonly [key: string]: unknown }[] | null | undefined,
  key: "context" | "cluster" | "user",
  resolve: (body: Body) => Body,
): readonly Entry[] =>
  (list ?? []).map((entry) => {
    const body = resolve(isMap(entry[key]) ? entry[key] : {});
    return { name: entry.name, body, written: { ...entry, [key]: body } };
  });

/** Keys that name a file, relative to the kubeconfig's folder. */
const CLUSTER_FILES = ["certificate-authority"];
const USER_FILES = ["client-certificate", "client-key", "tokenFile"];

const absolute = (body: Body, keys: readonly string[], folder: string): Body =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      keys.includes(key) && typeof value === "string" && value !== "" ? path.resolve(folder, value) : value,
    ]),
  );

/** A login program with a slash in its name is a file, too; any other is found by PATH. */
const withProgram = (user: Body, folder: string): Body =>
  isMap(user.exec) && typeof user.exec.command === "string" && user.exec.command.includes(path.sep)
    ? { ...user, exec: absolute(user.exec, ["command"], folder) }
    : user;

/** The first file that sets something wins. */
const merge = (files: readonly Kubeconfig[]): Kubeconfig => ({
  source: files.map(({ source }) => source).join(path.delimiter),
  current: files.find(({ current }) => current !== undefined)?.current,
  contexts: files.flatMap(({ contexts }) => contexts),
  clusters: files.flatMap(({ clusters }) => clusters),
  users: files.flatMap(({ users }) => users),
});

function select({ source, current, contexts, clusters, users }: Kubeconfig, wanted?: string): Context {
  const fail = (about: KubeconfigError["about"], problem: string): never => {
    throw new KubeconfigError(about, `${source} ${problem}`);
  };
  const name = wanted ?? current ?? fail("context", "has no current context");
  const find = (list: readonly Entry[], wantedName: unknown): Entry | undefined =>
    list.find((entry) => entry.name === wantedName);

  const names = [...new Set(contexts.map((each) => each.name))].join(", ");
  const context =
    find(contexts, name) ?? fail("context", `has no context "${name}"; it has ${names || "none"}`);
  const cluster =
    find(clusters, context.body.cluster) ??
    fail("kubeconfig", `has no cluster "${String(context.body.cluster ?? "")}"`);
  const user =
    find(users, context.body.user) ?? fail("kubeconfig", `has no user "${String(context.body.user ?? "")}"`);
  const { server } = cluster.body;
  if (typeof server !== "string" || server === "")
    return fail("kubeconfig", `has no address of the cluster "${cluster.name}"`);
  return {
    name,
    server,
    kubeconfig: kubeconfigOf(name, context.written, cluster.written, user.written),
  };
}

const kubeconfigOf = (name: string, context: object, cluster: object, user: object): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [context],
    clusters: [cluster],
    users: [user],
  });

/** The cluster that this process runs in, as `rest.InClusterConfig` of client-go finds it; undefined outside of a pod. */
function podContext(folder: string): Context | undefined {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = process.env;
  const token = path.join(folder, "token");
  if (host === "" || port === "" || !fs.existsSync(token)) return undefined;
  const name = "in-cluster";
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const namespace = readFile(path.join(folder, "namespace"), "namespace")?.trim();
  return {
    name,
    server,
    kubeconfig: kubeconfigOf(
      name,
      { name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } },
      { name, cluster: { server, "certificate-authority": path.join(folder, "ca.crt") } },
      // A file, because Kubernetes renews the token in it.
      { name, user: { tokenFile: token } },
    ),
  };
}
