import * as fs from "node:fs";
import * as path from "node:path";
import type { Problem } from "../config/problems";

/** A program that a kubeconfig calls to authenticate. */
export interface AuthenticationProgram {
  readonly command: string;
  /** The command, or the page, that installs it. */
  readonly install: string;
}

/** Without it the cluster would be made, for money, and then not be reached. */
export function missingProgram({ command, install }: AuthenticationProgram): Problem[] {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const names = process.platform === "win32" ? [`${command}.exe`, `${command}.cmd`] : [command];
  const found = folders.some((folder) => names.some((name) => isExecutable(path.join(folder, name))));
  return found
    ? []
    : [{ key: "PATH", rule: `has no ${command}, by which the kubeconfig authenticates`, fix: install }];
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
