/** An invalid configuration, and what the tables have in common. */
import type { StackConfig } from "../base";

export interface Expected {
  readonly key: string;
  readonly rule: RegExp;
  readonly fix: RegExp;
}

export interface BadConfig {
  readonly name: string;
  /** Values by top-level key, without the prefix `ralph:`. */
  readonly config: StackConfig;
  /** Top-level keys that contain a secret. Default: the sections that hold secrets. */
  readonly secretKeys?: readonly string[];
  /** Text of a file named `values.yaml` that `ralph:valuesFile` names. */
  readonly valuesFile?: string;
  /** Every finding, and no other. */
  readonly expected: readonly Expected[];
}

/** The sections that hold secrets: an engine marks them once one value in them is encrypted. */
export const SECRET_KEYS: readonly string[] = ["apiKeys", "imagePullSecrets", "git", "login", "telemetry"];

export const task = { name: "a", prompt: "task.md" };
export const schedule = { name: "b", prompt: "task.md", schedule: "@daily" };
export const set = (key: string, value: string) => new RegExp(`^pulumi config set ${escaped(key)} ${value}$`);
export const setPath = (key: string, value: string) => set(`--path ${key}`, value);
export const setFile = /^pulumi config set --secret --path ralph:git\.privateKey < <file>$/;
export const rm = (key: string) => new RegExp(`^pulumi config rm ${escaped(key)}$`);
export const escaped = (text: string) => text.replace(/[[\].*+?^$(){}|]/g, "\\$&");
export const excluded = (key: string, existingSecret: string): Expected => ({
  key: `ralph:${key}`,
  rule: new RegExp(`^must not be set: existingSecret "${existingSecret}" contains it$`),
  fix: rm(`--path ralph:${key}`),
});
