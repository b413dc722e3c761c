/**
 * The server of a git remote.
 *
 * @param remote of the form `GIT_REMOTE` of the runner's contract
 */
export function serverOf(remote: string): { readonly host: string; readonly port: number } {
  const [, host = "", port] = /^(?:ssh:\/\/)?[^@]+@([^:/]+)(?::(\d+)(?=\/))?/.exec(remote) ?? [];
  return { host, port: remote.startsWith("ssh://") ? Number(port ?? 22) : 22 };
}
