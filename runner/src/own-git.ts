import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { join } from "node:path";

/** Who commits, unless the environment says otherwise. */
export const identity = (env: NodeJS.ProcessEnv): Record<string, string> => ({
  GIT_AUTHOR_NAME: env.GIT_AUTHOR_NAME ?? "Ralph",
  GIT_AUTHOR_EMAIL: env.GIT_AUTHOR_EMAIL ?? "ralph@localhost",
  GIT_COMMITTER_NAME: env.GIT_COMMITTER_NAME ?? "Ralph",
  GIT_COMMITTER_EMAIL: env.GIT_COMMITTER_EMAIL ?? "ralph@localhost",
});

/** Settings of git, which take precedence over those of the repository. */
export type GitSettings = readonly (readonly [name: string, value: string])[];

/**
 * Settings that a repository must not make for the runner's git: each would run a program of the agent's, or of the
 * author of an archive that the agent unpacked (git-config(1); a filter's are added by name).
 */
const OFF: GitSettings = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["commit.gpgSign", "false"],
  ["push.gpgSign", "false"],
  ["push.recurseSubmodules", "no"],
];
/** The keys of a filter of .gitattributes, with values that make git leave contents as they are. */
const FILTER_OFF = { clean: "", smudge: "", process: "", required: "false" } as const;

/** How git is called. */
export interface GitCall {
  /** Settings besides `OFF`. */
  readonly settings?: GitSettings;
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds after which git is stopped; no limit by default. */
  readonly timeout?: number;
}

/** Git's environment: no key, no configuration of a user or of the system, no hooks, and no transport by default. */
const environmentOf = (
  env: NodeJS.ProcessEnv,
  { settings = [], variables = {} }: GitCall,
): NodeJS.ProcessEnv => ({
  PATH: env.PATH,
  ...identity(env),
  LC_ALL: "C.UTF-8",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ALLOW_PROTOCOL: "none",
  ...asVariables([...OFF, ...settings]),
  ...variables,
});

/**
 * Runs git with an environment of its own.
 *
 * @returns its standard output, without the last line break
 */
export function runGit(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  call: GitCall = {},
): Promise<string> {
  const { input, timeout = 0 } = call;
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: environmentOf(env, call), timeout, maxBuffer: Infinity }; // a line for each file
    const child = execFile("git", args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.replace(/\n$/, ""));
      else reject(Object.assign(error, { stdout, stderr }));
    });
    child.stdin?.on("error", () => undefined).end(input);
  });
}

/** Starts git in the same way, for data that is not text. */
export const startGit = (
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  call: GitCall = {},
): ChildProcessWithoutNullStreams =>
  spawn("git", args, { cwd: folder, env: environmentOf(env, call), stdio: "pipe" });

/**
 * Runs git in a repository that an agent writes to, and none of the programs that its configuration names.
 *
 * @returns its standard output, without the last line break
 */
export async function ownGit(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  call: GitCall = {},
): Promise<string> {
  // Named, so that no setting points elsewhere, and the owner of the volume's root does not matter.
  const variables = { GIT_DIR: join(folder, ".git"), GIT_WORK_TREE: folder, ...call.variables };
  const list = ["config", "--list", "--name-only", "-z"];
  const configured = await runGit(folder, list, env, { variables }).catch(() => ""); // no repository yet
  const settings = [...filters(configured), ...(call.settings ?? [])];
  return runGit(folder, args, env, { ...call, settings, variables });
}

/** Turns off the filters that the configuration names. */
function filters(configured: string): GitSettings {
  const names = configured.split("\0").flatMap((key) => /^filter\.(.*)\.[^.]*$/s.exec(key)?.[1] ?? []);
  return [...new Set(names)].flatMap((name) =>
    Object.entries(FILTER_OFF).map(([key, value]) => [`filter.${name}.${key}`, value] as const),
  );
}

const asVariables = (settings: GitSettings): Record<string, string> =>
  Object.fromEntries([
    ["GIT_CONFIG_COUNT", String(settings.length)],
    ...settings.flatMap(([name, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, name],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]);

/** The error message of the server, of SSH or of git, in this order. */
export function gitReason(error: unknown): string {
  const { stderr = "", stdout = "", message } = error as Error & { stderr?: string; stdout?: string };
  const rejected = /^!\t.*\t(.*)$/m.exec(stdout)?.[1];
  const said = stderr.split(/\r?\n/).filter((line) => line.trim() !== "");
  // SSH's last message precedes git's first.
  const fatal = said.findIndex((line) => line.startsWith("fatal: "));
  // Git would ask for another one.
  if (/fatal: (?:could not read (?:Username|Password)|Authentication failed)/.test(stderr))
    return "the server refuses the token: it is missing, wrong or has expired";
  return rejected ?? said[Math.max(0, fatal - 1)] ?? message.split("\n")[0] ?? "";
}
