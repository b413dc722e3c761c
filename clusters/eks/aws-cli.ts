import * as pulumi from "@pulumi/pulumi";
import { callProgram, type ProgramAnswer, type ProgramCall, startProgram, type Variables } from "../program";
import { AWS_CLI } from "./kubeconfig";
import { configuredRegion } from "./location";
import { assumptions, credentialsIn, keysOf, type Setting } from "./login";

/** A call that takes longer hangs. */
const TIMEOUT = 15 * 60_000;

/** A question to AWS: the words of the CLI's command. */
export type Question = readonly string[];

/**
 * Runs the AWS CLI with the credentials of the AWS provider, for what the provider has no resource for. It blocks, and
 * throws if the CLI fails: an input that is rejected later would end the program early, and an engine deletes what a
 * program that ended has not registered.
 */
export const aws = (...words: Question): string => text(words, callProgram(asCall(words, credentials())));

/** The answers of this run: the CLI takes a second to start, and the same is asked in several places. */
const answers = new Map<string, ProgramAnswer>();
const keyOf = (words: Question): string => words.join("\0");

/** Asks several questions at once, so that `read` and `ask` need not wait for each. */
export async function askAhead(questions: readonly Question[]): Promise<void> {
  const login = credentials();
  const different = new Map(questions.map((words) => [keyOf(words), words]));
  await Promise.all(
    [...different].map(async ([key, words]) => answers.set(key, await startProgram(asCall(words, login)))),
  );
}

/** The AWS CLI's answer to a question. */
export function read<T>(...words: Question): T {
  const key = keyOf(words);
  const answer = answers.get(key) ?? callProgram(asCall(words, credentials()));
  answers.set(key, answer);
  return JSON.parse(text(words, answer)) as T;
}

/** The answer to a question about one thing; undefined if that does not exist. */
export function ask<T>(...words: Question): T | undefined {
  try {
    return read<T>(...words);
  } catch (error) {
    if (/\(ResourceNotFoundException\)/.test((error as Error).message)) return undefined;
    throw error;
  }
}

export const clusterQuestion = (name: string): Question => ["eks", "describe-cluster", "--name", name];
export const groupQuestion = (cluster: string, group: string): Question => [
  ...["eks", "describe-nodegroup", "--cluster-name", cluster, "--nodegroup-name", group],
];

export const clusterExists = (name: string): boolean => ask(...clusterQuestion(name)) !== undefined;

/** The credentials of the provider. A run assumes a role once, for an hour. */
function credentials(): Variables {
  assumed ??= assumptions(setting).reduce(
    (before: Variables, words) => credentialsIn(text(words, callProgram(asCall(words, before)))),
    configuredCredentials(),
  );
  return assumed;
}
let assumed: Variables | undefined;

function asCall(words: Question, variables: Variables): ProgramCall {
  const region = configuredRegion();
  const args = [...words, ...(region === undefined ? [] : ["--region", region]), "--output", "json"];
  return { command: AWS_CLI.command, args, variables, timeout: TIMEOUT };
}

function text(words: Question, { code, stdout, stderr, error }: ProgramAnswer): string {
  if (code === 0) return stdout;
  throw new pulumi.RunError(`aws ${words.slice(0, 2).join(" ")} failed: ${error?.message ?? stderr.trim()}`);
}

/** Not by pulumi.Config, which warns of a secret that is read as text. */
const setting: Setting = (key) => pulumi.runtime.getConfig(`aws:${key}`);

/** What the provider's configuration sets. Without it, provider and CLI read the same environment and files. */
function configuredCredentials(): Variables {
  const profile = setting("profile");
  return { ...(profile === undefined ? {} : { AWS_PROFILE: profile }), ...keysOf(setting) };
}
