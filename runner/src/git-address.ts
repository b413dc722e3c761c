/** A git address of the form `GIT_REMOTE` of the contract, in parts. */
export interface GitAddress {
  readonly text: string;
  readonly protocol: "ssh" | "https";
  readonly host: string;
  /** Undefined if it is the protocol's own. */
  readonly port: number | undefined;
  /** Such as `owner/name`. */
  readonly path: string;
}

export function parseAddress(text: string): GitAddress {
  const url = /^(ssh|https):\/\/(?:[^@/]+@)?([^:/]+)(?::(\d+))?\/(.*)$/.exec(text);
  const [, host = "", path = ""] =
    url === null ? (/^[^@]+@([^:]+):(.*)$/.exec(text) ?? []) : ["", url[2], url[4]];
  return {
    text,
    protocol: url?.[1] === "https" ? "https" : "ssh",
    host: host.toLowerCase(),
    port: url?.[3] === undefined ? undefined : Number(url[3]),
    path: path.replace(/^\/+|(?:\.git)?\/*$/g, ""),
  };
}
