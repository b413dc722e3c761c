import { serverName } from "../runner/src/forge";

/**
 * The server of a git remote.
 *
 * @param remote of the form `GIT_REMOTE` of the runner's contract
 */
export function serverOf(remote: string): { readonly host: string; readonly port: number } {
  const [, scheme, host = "", port] =
    /^(?:(ssh|https):\/\/)?(?:[^@/]+@)?([^:/]+)(?::(\d+)(?=\/))?/.exec(remote) ?? [];
  const standard = scheme === "https" ? 443 : 22;
  return { host, port: scheme === undefined ? standard : Number(port ?? standard) };
}

interface Run {
  readonly source?: { readonly repository?: string };
}

interface Repositories {
  readonly git: { readonly remote?: string; readonly host?: string };
  readonly source: { readonly repository?: string };
  readonly tasks: readonly Run[];
  readonly schedules: readonly Run[];
}

/** The addresses of all repositories that pods push to, the workers' first. */
export const repositoriesOf = (config: Repositories): string[] =>
  [
    config.source.repository,
    config.git.remote,
    ...[...config.tasks, ...config.schedules].map(({ source }) => source?.repository),
  ].flatMap((address) => address ?? []);

/** The only server that gets a token: one that only a run names would get it by a line in that run. */
export const tokenHost = (config: Repositories): string =>
  serverName(config.git.host ?? serverOf(repositoriesOf(config)[0] ?? "").host);
