/** Registers the resources that the stack file lists: only the engine and a stub plugin, without an SDK. */
import * as pulumi from "@pulumi/pulumi";

export interface Listed {
  readonly type: string;
  readonly name: string;
  /** `${other.selfLink}` is an output of an earlier resource. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Additional outputs. */
  readonly outputs?: readonly string[];
  readonly options?: Readonly<Record<string, unknown>>;
}

class Any extends pulumi.CustomResource {
  [output: string]: unknown;
}

const config = new pulumi.Config();
const created = new Map<string, Any>();

function resolved(value: unknown): unknown {
  if (typeof value === "string") {
    const [, name = "", output = ""] = /^\$\{([^.]+)\.(.+)\}$/.exec(value) ?? [];
    return created.get(name)?.[output] ?? value;
  }
  if (Array.isArray(value)) return value.map(resolved);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
}

for (const { type, name, inputs, outputs = [], options } of config.requireObject<Listed[]>("resources")) {
  const wanted = Object.fromEntries(outputs.map((output) => [output, undefined]));
  const args = { ...wanted, ...(resolved(inputs) as pulumi.Inputs) };
  created.set(name, new Any(type, name, args, { version: config.require("version"), ...options }));
}
