import { execFile, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** How the program of a cloud is called, by every cloud alike. */

/** Variables of a program's environment. */
export type Variables = Readonly<Record<string, string>>;

export interface ProgramCall {
  readonly command: string;
  readonly args: readonly string[];
  /** In addition to this process's. */
  readonly variables?: Variables;
  /** Milliseconds after which it counts as hanging. */
  readonly timeout: number;
}

export interface ProgramAnswer {
  /** Undefined if it could not be started, or was ended. */
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started. */
  readonly error?: Error;
}

/** Its answer; blocks until then. */
export function callProgram(call: ProgramCall): ProgramAnswer {
  const { status, stdout, stderr, error } = spawnSync(call.command, call.args, {
    ...optionsOf(call),
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    ...(status === null ? {} : { code: status }),
    // Null if the program could not be started.
    stdout: (stdout as string | null) ?? "",
    stderr: (stderr as string | null) ?? "",
    ...(error === undefined ? {} : { error }),
  };
}

/** The same without blocking, for several questions at once. */
export const startProgram = (call: ProgramCall): Promise<ProgramAnswer> =>
  new Promise((resolve) => {
    const child = execFile(call.command, call.args, optionsOf(call), (error, stdout, stderr) => {
      // A number if the program has ended by itself, and text if it could not be started.
      const code = error === null ? 0 : error.code;
      resolve({
        ...(typeof code === "number" ? { code } : {}),
        stdout,
        stderr,
        ...(error !== null && typeof code === "string" ? { error } : {}),
      });
    });
    child.stdin?.end();
  });

const optionsOf = ({ command, variables = {}, timeout }: ProgramCall) => ({
  env: { ...process.env, ...variables },
  timeout,
  encoding: "utf8" as const,
  maxBuffer: MAX_ANSWER,
  shell: isScript(command),
});

/** In bytes. */
const MAX_ANSWER = 64 * 2 ** 20;

/** On Windows gcloud and az are scripts, which only a shell runs. */
const isScript = (command: string): boolean =>
  process.platform === "win32" && !isOnPath(`${command}.exe`) && isOnPath(`${command}.cmd`);

export const isInstalled = (command: string): boolean =>
  process.platform === "win32" ? isOnPath(`${command}.exe`) || isOnPath(`${command}.cmd`) : isOnPath(command);

const isOnPath = (file: string): boolean =>
  (process.env.PATH ?? "")
    .split(path.delimiter)
    .some((folder) => folder !== "" && isExecutable(path.join(folder, file)));

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
