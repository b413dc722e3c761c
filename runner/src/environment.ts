import { closeSync, readFileSync } from "node:fs";

/** The variable with the number of the pipe that holds the environment. */
const PIPE = "RUNNER_ENVIRONMENT";

/** The container's environment: from the pipe that bin/entry fills, or the process's own where nothing hides it. */
export function readEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const pipe = own[PIPE];
  if (pipe === undefined) return own;
  const text = readFileSync(Number(pipe), "utf8");
  closeSync(Number(pipe));
  return Object.fromEntries(
    text
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => {
        const equals = entry.indexOf("=");
        return [entry.slice(0, equals), entry.slice(equals + 1)];
      }),
  );
}
