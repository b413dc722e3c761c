import type { Path } from "../../config/path";

/** Which credentials there are, and the keys that set them: in the configuration, or in a store. */
export interface Credentials extends Readonly<Record<Credential, boolean>> {
  readonly at: Readonly<Record<Credential, Path>>;
}
type Credential = "privateKey" | "token" | "githubAppKey";

interface Given {
  readonly privateKey?: unknown;
  readonly token?: unknown;
  readonly githubApp?: { readonly privateKey?: unknown };
  readonly externalSecret?: { readonly keys: Readonly<Partial<Record<Credential, unknown>>> };
}

export function credentialsOf({
  privateKey,
  token,
  githubApp,
  externalSecret: external,
}: Given): Credentials {
  if (external !== undefined) {
    const { keys } = external;
    const at = (key: Credential): Path => ["git", "externalSecret", "keys", key, "key"];
    return {
      privateKey: keys.privateKey !== undefined,
      token: keys.token !== undefined,
      githubAppKey: keys.githubAppKey !== undefined,
      at: { privateKey: at("privateKey"), token: at("token"), githubAppKey: at("githubAppKey") },
    };
  }
  return {
    privateKey: privateKey !== undefined,
    token: token !== undefined,
    githubAppKey: githubApp?.privateKey !== undefined,
    at: {
      privateKey: ["git", "privateKey"],
      token: ["git", "token"],
      githubAppKey: ["git", "githubApp", "privateKey"],
    },
  };
}

/** What a command sets in place of a missing one. */
export const placeholder = (at: Path, inline: string): string =>
  at.at(-1) === "key" ? "<name in the store>" : inline;

/** The key that is removed as a whole. */
export const parentOf = (at: Path): Path => (at.at(-1) === "key" ? at.slice(0, -1) : at);
