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

/** The addresses of all repositories that pods push to. */
export const repositoriesOf = (config: {
  readonly git: { readonly remote?: string };
  readonly source: { readonly repository?: string };
  readonly tasks: readonly Run[];
  readonly schedules: readonly Run[];
}): string[] =>
  [
    config.git.remote,
    config.source.repository,
    ...[...config.tasks, ...config.schedules].map(({ source }) => source?.repository),
  ].flatMap((address) => address ?? []);
