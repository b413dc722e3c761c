/**
 * Runs the real program against Pulumi's mock monitor and records what it registers. The monitor accepts what an
 * engine rejects, so the harness itself checks for duplicate names, failed registrations, unexpected calls and
 * types, and unexpected messages.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import program from "../..";
import { judge } from "../judges";
import { SECRET_KEYS } from "./bad-configs";
import { BASE, type StackConfig } from "./base";

export { BASE, type StackConfig };

export const PROJECT = "ralph";
export interface Registered {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a manifest, asserted as a whole
  readonly inputs: any;
  /** The top-level inputs that the engine would encrypt. */
  readonly secret: readonly string[];
  /** URNs. */
  readonly parent: string;
  readonly dependencies: readonly string[];
  /** URN and id of the provider, as `urn::id`. */
  readonly provider: string;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Another value replaces the resource. */
  readonly replacementTrigger: unknown;
  readonly deleteBeforeReplace: boolean;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

export interface StackOptions {
  /** Keys of the project `ralph`. Default: `BASE`; a key with an undefined value is omitted. */
  readonly config?: StackConfig;
  /** Top-level keys that contain a secret. Default: the sections that hold secrets. */
  readonly secretKeys?: readonly string[];
  /** Full keys of other projects, such as `gcp:project`. */
  readonly foreign?: Readonly<Record<string, string>>;
  readonly preview?: boolean;
  readonly stack?: string;
  /** Outputs that a cloud computes, in addition to the inputs. */
  readonly outputs?: (type: string, inputs: Record<string, unknown>) => Record<string, unknown> | undefined;
  /** Answers to function calls, by token. Any other call fails the run. */
  readonly calls?: Readonly<Record<string, Record<string, unknown>>>;
  /** Expected types besides Kubernetes objects and this program's own components. */
  readonly types?: RegExp;
  readonly program?: () => unknown;
}

export interface StackRun {
  readonly resources: readonly Registered[];
  /** As the program returned them: an Output stays secret. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  /** Ids and outputs that the mocks made up: no judge can say anything of them. */
  readonly computed: ReadonlySet<unknown>;
  /** The one resource of a kind (`kubernetes:core/v1:ConfigMap`) with a logical or a Kubernetes name. */
  readonly find: (type: string, name: string) => Registered;
  readonly ofType: (type: string) => readonly Registered[];
}

const KNOWN = /^(kubernetes:|ralph:|pulumi:providers:kubernetes$|pulumi:pulumi:Stack$|pulumi:index:Stash$)/;

export async function runStack(options: StackOptions = {}): Promise<StackRun> {
  const { config = BASE, secretKeys = SECRET_KEYS, preview = false, stack = "test", foreign = {} } = options;
  const resources: Registered[] = [];
  const strangers: string[] = [];
  const urns: string[] = [];
  const computed = new Set<unknown>();

  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      if (!KNOWN.test(type) && options.types?.test(type) !== true) strangers.push(type);
      const plain = unwrap(inputs) as Record<string, unknown>;
      const outputs = options.outputs?.(type, plain);
      // The engine's own resource: what it was given when it was created.
      const kept = type === "pulumi:index:Stash" ? { output: plain.input } : {};
      const state = { ...plain, ...kept, ...outputs };
      const id = preview ? undefined : `${name}-id`;
      collect(computed, [id, outputs]);
      return { id, state: type.startsWith("ralph:") ? {} : state };
    },
    call: ({ token }) => {
      const answer = options.calls?.[token];
      if (answer === undefined) strangers.push(token);
      return answer ?? {};
    },
  };
  await pulumi.runtime.setMocks(mocks, PROJECT, stack, preview);
  pulumi.runtime.setAllConfig(
    { ...asText(config, `${PROJECT}:`), ...foreign },
    secretKeys.map((key) => `${PROJECT}:${key}`),
  );

  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  record(monitor, resources, urns);
  const console_ = listen();
  // The SDK captures a stack trace for every promise.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let outputs: Readonly<Record<string, unknown>> = {};
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      outputs = (await (options.program ?? program)()) as typeof outputs;
      return outputs;
    });
  } catch (error) {
    // No resource may be registered if the configuration is rejected.
    const registered = resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").map(({ urn }) => urn);
    assert.deepEqual(registered, [], "registered, and then refused");
    throw error;
  } finally {
    await pulumi.runtime.disconnect();
    console_.restore();
    Error.stackTraceLimit = stackTraceLimit;
  }

  assert.deepEqual(strangers, [], "types or calls that no mock knows");
  assert.deepEqual(console_.errors, [], "errors on the console");
  assert.deepEqual(duplicates(urns), [], "one URN, twice: the engine refuses it");
  assert.equal(urns.length, monitor.getRegisteredResources().size, "a registration failed");
  assert.deepEqual(judge(resources, computed), [], "the vendors' API models refuse this");

  const own = (type: string, name: string) =>
    resources.filter(
      (each) => each.type === type && (each.name === name || each.inputs.metadata?.name === name),
    );
  return {
    resources,
    outputs,
    computed,
    warnings: console_.warnings,
    ofType: (type) => resources.filter((each) => each.type === type),
    find: (type, name) => {
      const [found, ...more] = own(type, name);
      assert.ok(
        found,
        `no ${type} ${name}; there is ${resources.map((r) => `${r.type} ${r.name}`).join(", ")}`,
      );
      assert.deepEqual(more, [], `more than one ${type} ${name}`);
      return found;
    },
  };
}

/** The resolved value of an Output. */
export const valueOf = <T>(output: unknown): Promise<T> =>
  (pulumi.output(output) as unknown as { promise: () => Promise<T> }).promise();

/** The engine passes every value to a program as text. */
function asText(config: StackConfig, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [prefix + key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

type Request = Parameters<MockMonitor["registerResource"]>[0];

/** Records the whole request: the mock's own arguments lack parent, dependencies and options. */
function record(monitor: MockMonitor, resources: Registered[], urns: string[]): void {
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: Request, callback: (error: unknown, answer: Answer) => void) =>
    register(request, (error: unknown, answer: Answer) => {
      if (error === null) {
        const urn = answer.getUrn();
        const inputs = request.getObject().toJavaScript() as Record<string, unknown>;
        urns.push(urn);
        resources.push({
          urn,
          type: request.getType(),
          name: request.getName(),
          custom: request.getCustom(),
          inputs: unwrap(inputs),
          secret: Object.keys(inputs).filter((key) => isWrapped(inputs[key])),
          parent: request.getParent(),
          dependencies: request.getDependenciesList(),
          provider: request.getProvider(),
          ignoreChanges: request.getIgnorechangesList(),
          retainOnDelete: request.getRetainondelete() ?? false,
          replaceOnChanges: request.getReplaceonchangesList(),
          replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
          deleteBeforeReplace: request.getDeletebeforereplace(),
          protect: request.getProtect() === true,
        });
      }
      callback(error, answer);
    });
}

interface Answer {
  getUrn: () => string;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const isWrapped = (value: unknown): boolean => isMap(value) && value[SIGNATURE] === SECRET;

/** Unwraps the engine's secrets, at any depth. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isMap(value)) return value;
  if (value[SIGNATURE] === SECRET) return unwrap(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
}

/** Adds every value, at any depth. */
function collect(into: Set<unknown>, value: unknown): void {
  if (value !== null && typeof value === "object")
    for (const inner of Object.values(value)) collect(into, inner);
  else if (typeof value === "string") into.add(value);
}

const duplicates = (names: readonly string[]): string[] =>
  names.filter((name, i) => names.indexOf(name) !== i);

/** Without an engine the SDK writes its messages to the console. */
function listen(): { warnings: string[]; errors: string[]; restore: () => void } {
  const warnings: string[] = [];
  const errors: string[] = [];
  const { warn, error } = console;
  console.warn = (text: unknown) => void warnings.push(String(text).replace(/^warning: \[runtime\] /, ""));
  console.error = (text: unknown) => void errors.push(String(text));
  return { warnings, errors, restore: () => Object.assign(console, { warn, error }) };
}
