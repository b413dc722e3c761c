import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Who commits, unless the environment says otherwise. */
export const identity = (env: NodeJS.ProcessEnv): Record<string, string> => ({
  GIT_AUTHOR_NAME: env.GIT_AUTHOR_NAME ?? "Ralph",
  GIT_AUTHOR_EMAIL: env.GIT_AUTHOR_EMAIL ?? "ralph@localhost",
  GIT_COMMITTER_NAME: env.GIT_COMMITTER_NAME ?? "Ralph",
  GIT_COMMITTER_EMAIL: env.GIT_COMMITTER_EMAIL ?? "ralph@localhost",
});

/**
 * Settings that a repository must not make for the runner's git: each would run a program of the agent's, or of the
 * author of an archive that the agent unpacked (git-config(1); a filter's are added by name).
 */
const OFF: readonly (readonly [name: string, value: string])[] = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["commit.gpgSign", "false"],
  ["push.gpgSign", "false"],
  ["push.recurseSubmodules", "no"],
];
/** The keys of a filter of .gitattributes, with values that make git leave contents as they are. */
const FILTER_OFF = { clean: "", smudge: "", process: "", required: "false" } as const;

/**
 * Runs git in a folder that an agent writes to. Git gets an environment of its own: no key, no configuration of a user
 * or of the system, none of the programs that the repository's configuration names, and no transport but SSH.
 *
 * @param own variables of the caller's
 * @param timeout milliseconds after which git is stopped; 0 for no limit
 * @returns its standard output, without the last line break
 */
export async function ownGit(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>> = {},
  timeout = 0,
): Promise<string> {
  const base = {
    PATH: env.PATH,
    ...identity(env),
    LC_ALL: "C.UTF-8",
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: "ssh",
    // Named, so that no setting points elsewhere, and the owner of the volume's root does not matter.
    GIT_DIR: join(folder, ".git"),
    GIT_WORK_TREE: folder,
    ...own,
  };
  const run = async (words: readonly string[], settings: typeof OFF): Promise<string> => {
    const { stdout } = await execute("git", words, {
      cwd: folder,
      env: { ...base, ...variables(settings) },
      timeout,
      maxBuffer: Infinity, // a line for each file
    });
    return stdout;
  };
  const configured = await run(["config", "--list", "--name-only", "-z"], OFF).catch(() => ""); // no repository yet
  return (await run(args, [...OFF, ...filters(configured)])).replace(/\n$/, "");
}

/** Turns off the filters that the configuration names. */
function filters(configured: string): (readonly [string, string])[] {
  const names = configured.split("\0").flatMap((key) => /^filter\.(.*)\.[^.]*$/s.exec(key)?.[1] ?? []);
  return [...new Set(names)].flatMap((name) =>
    Object.entries(FILTER_OFF).map(([key, value]) => [`filter.${name}.${key}`, value] as const),
  );
}

/** Settings as variables, which take precedence over those of the repository. */
const variables = (settings: typeof OFF): Record<string, string> =>
  Object.fromEntries([
    ["GIT_CONFIG_COUNT", String(settings.length)],
    ...settings.flatMap(([name, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, name],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]);
