import * as fs from "node:fs";
import * as path from "node:path";
import type { Problem } from "../config/problems";

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

function missing({ command, install }: AuthenticationProgram, use: string): Problem[] {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const names = process.platform === "win32" ? [`${command}.exe`, `${command}.cmd`] : [command];
  const found = folders.some((folder) => names.some((name) => isExecutable(path.join(folder, name))));
  return found ? [] : [{ key: "PATH", rule: `must contain ${command}, ${use}`, fix: install }];
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether this is a run of the engine, whose language host sets the variable; under mocks no cloud can be called. */
export const isRunByEngine = (): boolean => process.env.PULUMI_NODEJS_MONITOR !== undefined;
