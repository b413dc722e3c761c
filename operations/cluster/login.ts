import type { RequestOptions } from "node:https";
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node";
import { parse } from "yaml";

import { findContext, KubeconfigError } from "../../clusters/kubeconfig-files";
import { ToolError } from "../../lib/errors";
import { proxyFor } from "../../lib/proxy";

/** Milliseconds that a login program may take. It runs without a terminal, so it does not wait for a person. */
const LOGIN_TIMEOUT = 60_000;

/** Where a cluster is, and how to authenticate to it. */
export interface ClusterAccess {
  /** Text of a kubeconfig. Default: the one that kubectl would use. */
  readonly kubeconfig?: string;
  /** File of a kubeconfig; paths in it are relative to its folder. */
  readonly file?: string;
  /** Context in the kubeconfig. Default: its current one. */
  readonly context?: string;
}

/** The cluster cannot be reached, or rejects the credentials. */
export class Unreachable extends ToolError {}

/**
 * Reads the kubeconfig. Which files it consists of is decided here and not by the client library, which takes the
 * current context of the last file instead of the first, fails if one is missing, and resolves no login program.
 *
 * @throws Unreachable if there is no such kubeconfig or context
 */
export async function loadConfig({ kubeconfig, file, context }: ClusterAccess): Promise<KubeConfig> {
  // Loading the library takes half a second, so --help does without it.
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  try {
    const text = kubeconfig ?? findContext({ kubeconfig: file, context }).kubeconfig;
    config.loadFromString(text);
    if (context !== undefined) {
      const names = config.contexts.map(({ name }) => name).join(", ");
      if (config.getContextObject(context) === null)
        throw new Error(`has no context "${context}"; it has ${names || "none"}`);
      config.setCurrentContext(context);
    }
    if (config.getCurrentCluster() === null) throw new Error("has no current context");
    for (const cluster of config.clusters) throughProxy(cluster);
    for (const user of config.users) complete(user, tokenFileOf(text, user.name));
  } catch (error) {
    throw new Unreachable(
      error instanceof KubeconfigError ? error.message : `the kubeconfig: ${firstLine(error)}`,
    );
  }
  return config;
}

/** The library knows the kubeconfig's `proxy-url` only, which wins over the environment. */
function throughProxy(cluster: Cluster): void {
  const proxyUrl = cluster.proxyUrl ?? proxyFor(cluster.server);
  if (proxyUrl !== undefined) Object.assign(cluster, { proxyUrl });
}

/** What the library leaves out: the token in a file, and what a login program must know about its caller. */
function complete(user: User, tokenFile: string | undefined): void {
  if (tokenFile !== undefined)
    Object.assign(user, { token: undefined, authProvider: { name: "tokenFile", config: { tokenFile } } });
  const { exec } = user as { exec?: ExecUser | null };
  if (exec !== undefined && exec !== null)
    exec.env = [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: execInfo(exec) }];
}

function tokenFileOf(kubeconfig: string, user: string): string | undefined {
  const { users } = parse(kubeconfig) as {
    users?: { name: string; user?: { tokenFile?: string } | null }[] | null;
  };
  return users?.find(({ name }) => name === user)?.user?.tokenFile;
}

interface ExecUser {
  readonly apiVersion?: string;
  env?: { name: string; value: string }[] | null;
}

/** Some login programs refuse to run without it. */
const execInfo = ({ apiVersion = "client.authentication.k8s.io/v1beta1" }: ExecUser): string =>
  JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false } });

/**
 * The options of a request with the kubeconfig's credentials.
 *
 * @throws Unreachable if the login fails
 */
export async function logIn(
  config: KubeConfig,
  base: RequestOptions,
  timeout = LOGIN_TIMEOUT,
): Promise<RequestOptions> {
  const options: RequestOptions = { ...base, headers: { ...base.headers } };
  try {
    await within(timeout, config.applyToHTTPSOptions(options));
  } catch (error) {
    throw new Unreachable(`cannot log in to ${config.getCurrentCluster()?.server}: ${firstLine(error)}`);
  }
  return options;
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`the login program did not finish within ${milliseconds / 1000} s`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const firstLine = (error: unknown): string => (error as Error).message.trim().split("\n")[0] ?? "";
