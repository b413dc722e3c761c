import * as fs from "node:fs";
import * as path from "node:path";
import type { Problem } from "../config/problems";

/** A program that a kubeconfig calls to authenticate. */
export interface AuthenticationProgram {
  readonly command: string;
  /** A command that installs it, or the page that describes how. */
  readonly install: string;
}

/** The problem that a program is not on PATH: the cluster would be created, and billed, but could not be reached. */
export function missingProgram({ command, install }: AuthenticationProgram): Problem[] {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const names = process.platform === "win32" ? [`${command}.exe`, `${command}.cmd`] : [command];
  const found = folders.some((folder) => names.some((name) => isExecutable(path.join(folder, name))));
  return found
    ? []
    : [
        {
          key: "PATH",
          rule: `must contain ${command}, which the kubeconfig needs to authenticate`,
          fix: install,
        },
      ];
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
