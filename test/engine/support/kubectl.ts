import { delimiter, dirname } from "node:path";

import { run } from "../../../lib/process";
import type { ControlPlane } from "../../../local/control-plane";
import { fixture } from "./fixture";

/** Runs kubectl as the control plane's administrator; fails with its output. */
export const kubectl = (...args: readonly string[]): Promise<string> => invoke(args);

/** The same for objects that are not in a file. */
export const kubectlWith = (objects: readonly object[], ...args: readonly string[]): Promise<string> =>
  invoke([...args, "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
  });

/** Replaces the object at a path of the API, such as a subresource. */
export const kubectlReplace = (path: string, object: object): Promise<string> =>
  invoke(["replace", "--raw", path, "-f", "-"], { input: JSON.stringify(object) });

/** Runs the commands of a report verbatim, with this run's kubectl; fails with the output of the first that fails. */
export async function runCommands(commands: readonly string[]): Promise<void> {
  const PATH = [dirname(fixture().toolchain.paths.kubectl), process.env.PATH].join(delimiter);
  for (const command of commands) {
    const { code, stderr } = await run("sh", ["-c", command], { env: { ...process.env, PATH } });
    if (code !== 0) throw new Error(`${command} failed (exit ${code}):\n${stderr}`);
  }
}

/** The same for a namespace of another control plane. */
export const kubectlIn =
  ({ kubeconfig }: Pick<ControlPlane, "kubeconfig">, namespace: string, timeout?: number) =>
  (...args: readonly string[]): Promise<string> =>
    invoke(["-n", namespace, ...args], { kubeconfig, timeout });

/** The same outside of any namespace, with an object as its input. */
export const kubectlAt = (
  { kubeconfig }: Pick<ControlPlane, "kubeconfig">,
  args: readonly string[],
  input?: object,
): Promise<string> => invoke(args, { kubeconfig, input: input && JSON.stringify(input) });

interface Call {
  readonly kubeconfig?: string;
  readonly input?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

async function invoke(
  args: readonly string[],
  { kubeconfig = fixture().plane.kubeconfig, input, timeout = 60_000 }: Call = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(
    fixture().toolchain.paths.kubectl,
    ["--kubeconfig", kubeconfig, ...args],
    { input, timeout },
  );
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
  return stdout;
}

/** An object as the server holds it. */
export interface Live {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- read by path, as in a manifest
  readonly [field: string]: any;
}

/** One object, or undefined if it does not exist. */
export async function get(kind: string, name: string, namespace?: string): Promise<Live | undefined> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  const text = await kubectl("get", kind, name, ...where, "--ignore-not-found", "-o", "json");
  return text === "" ? undefined : (JSON.parse(text) as Live);
}

/** The objects of one or more kinds, comma-separated. */
export async function list(kinds: string, ...args: readonly string[]): Promise<Live[]> {
  const text = await kubectl("get", kinds, ...args, "--ignore-not-found", "-o", "json");
  return text === "" ? [] : (JSON.parse(text) as { items: Live[] }).items;
}

let kinds: Promise<string> | undefined;

/** Every object in a namespace, of every kind that the server knows, except events and metrics. */
export async function everything(namespace: string): Promise<Live[]> {
  kinds ??= kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name");
  const names = (await kinds)
    .split("\n")
    .filter((name) => name !== "" && !/^(events|.*\.metrics)/.test(name));
  return list(names.join(), "-n", namespace);
}
