import type { Forge } from "./contract";
import type { GitAddress } from "./git-address";

/** Hosts whose program is known, with their APIs where those are elsewhere. */
const KNOWN: readonly (readonly [host: RegExp, forge: Forge, api?: string])[] = [
  [/^(?:ssh\.)?github\.com$/, "github", "https://api.github.com"],
  [/^([\w-]+)\.ghe\.com$/, "github", "https://api.$1.ghe.com"],
  [/^(?:altssh\.)?(gitlab\.com)$/, "gitlab", "https://$1/api/v4"],
  [/^(?:codeberg\.org|gitea\.com)$/, "gitea"],
];
const API_PATH: Readonly<Record<Forge, string>> = {
  github: "/api/v3",
  gitlab: "/api/v4",
  gitea: "/api/v1",
};

/** The name of a server that has another one for SSH over port 443. */
export const serverName = (host: string): string =>
  host.toLowerCase().replace(/^(?:alt)?ssh\.(?=(?:github|gitlab)\.com$)/, "");

/** The program on a git server; undefined if it must be said. */
export const forgeOf = (host: string): Forge | undefined =>
  KNOWN.find(([pattern]) => pattern.test(host))?.[1];

/** The address of its API, without a slash at the end. */
export function apiOf({ host, port, protocol }: GitAddress, forge: Forge): string {
  const [pattern, , api] = KNOWN.find(([known]) => known.test(host)) ?? [];
  if (pattern !== undefined && api !== undefined) return host.replace(pattern, api);
  const where = protocol === "https" && port !== undefined ? `${host}:${port}` : host;
  return `https://${where}${API_PATH[forge]}`;
}
