import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../config/problems";
import { callProgram, isInstalled, type ProgramAnswer, type ProgramCall, startProgram } from "./program";

/** A program that issues tokens for the cluster or its registry. */
export interface AuthenticationProgram {
  readonly command: string;
  /** A command that installs it, or the page that describes how. */
  readonly install: string;
}

/** The problem that a program is not on PATH: the cluster would be created, and billed, but could not be reached. */
export const missingProgram = (program: AuthenticationProgram): Problem[] =>
  missing(program, "which the kubeconfig needs to authenticate");

/** The same for the program that logs Docker in: the image could not be pushed. */
export const missingRegistryProgram = (program: AuthenticationProgram): Problem[] =>
  missing(program, "which logs Docker in to the cluster's registry");

const missing = ({ command, install }: AuthenticationProgram, use: string): Problem[] =>
  isInstalled(command) ? [] : [{ key: "PATH", rule: `must contain ${command}, ${use}`, fix: install }];

/** A question to the user's account at a cloud, asked by the cloud's own program, which changes nothing. */
export interface AccountQuestion {
  readonly ask: readonly [program: string, ...args: string[]];
  /** The problems that its answer shows, each with the command that fixes it. */
  readonly problems: (answer: AccountAnswer) => Problem[];
}

export interface AccountAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What makes a provider log in by something else than its cloud's program. */
export interface OtherLogins {
  readonly variables?: readonly string[];
  /** Keys of the provider's configuration. */
  readonly keys: readonly string[];
}

/** Whether one of them is set. Not by pulumi.Config, which warns of a secret that is read as text. */
export const hasOtherLogin = (provider: string, { variables = [], keys }: OtherLogins): boolean =>
  variables.some((name) => process.env[name] !== undefined) ||
  keys.some((key) => Boolean(pulumi.runtime.getConfig(`${provider}:${key}`)));

/** In milliseconds. */
const ANSWER_WITHIN = 30_000;

/** Why the account cannot be used. Without the program or its answer, the provider's own error is all that is known. */
export const accountProblems = (question: AccountQuestion): Problem[] =>
  isInstalled(question.ask[0]) ? problemsIn(question, callProgram(callOf(question))) : [];

/** The same without blocking, so that other questions need not wait for the answer. */
export const askAccount = async (question: AccountQuestion): Promise<Problem[]> =>
  isInstalled(question.ask[0]) ? problemsIn(question, await startProgram(callOf(question))) : [];

const callOf = ({ ask: [command, ...args] }: AccountQuestion): ProgramCall => ({
  command,
  args,
  timeout: ANSWER_WITHIN,
});

const problemsIn = ({ problems }: AccountQuestion, { code, stdout, stderr }: ProgramAnswer): Problem[] =>
  code === undefined ? [] : problems({ code, stdout, stderr });

/** The problem that a login is missing or has expired, in the program's own words. */
export function loggedOut(key: string, { code, stderr }: AccountAnswer, fix: string): Problem[] {
  if (code === 0) return [];
  const [said = "it does not say why"] = stderr.split("\n").filter((line) => line.trim() !== "");
  return [{ key, rule: `has no valid login: ${said.replace(/^ERROR: /, "").trim()}`, fix }];
}

/** Whether this is a run of the engine, whose language host sets the variable; under mocks no cloud can be called. */
export const isRunByEngine = (): boolean => process.env.PULUMI_NODEJS_MONITOR !== undefined;
