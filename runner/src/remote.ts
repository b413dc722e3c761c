/** Where results are pushed to. The workload's configuration takes the same text, so both go by this file. */

const USER = String.raw`[\w.-]+@`;
const HOST = String.raw`[A-Za-z0-9][A-Za-z0-9.-]*`;
/** 1 to 65535. */
const PORT = String.raw`(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])`;

/**
 * An address that git reaches by SSH: `git@host:path`, or `ssh://git@host:port/path`. A user is part of it, since the
 * container's own is none at any server; a password cannot be.
 */
export const REMOTE = new RegExp(
  String.raw`^(?:ssh:\/\/${USER}${HOST}(?::${PORT})?\/[\w.~+][\w.~+\/-]*|${USER}${HOST}:\/?[\w.~+][\w.~+\/-]*)$`,
);
export const REMOTE_FORM = "an SSH address such as git@github.com:owner/name.git";

/** Of branches: what git takes before any name. */
export const BRANCH_PREFIX = /^\w[\w-]*(?:\/[\w-]+)*\/?$/;
export const BRANCH_PREFIX_FORM = "words of letters, digits, '_' and '-', separated by '/'";
export const DEFAULT_BRANCH_PREFIX = "ralph/";

/** The folder where the pod has the key and the server's own keys, and the names of the files in it. */
export const SSH_FOLDER = "/etc/ralph/ssh";
/** As in Secrets of type kubernetes.io/ssh-auth. */
export const PRIVATE_KEY = "ssh-privatekey";
export const KNOWN_HOSTS = "known_hosts";

/** @param remote of the form `REMOTE` */
export function serverOf(remote: string): { readonly host: string; readonly port: number } {
  const [, host = "", port] = /^(?:ssh:\/\/)?[^@]+@([^:/]+)(?::(\d+)(?=\/))?/.exec(remote) ?? [];
  return { host, port: remote.startsWith("ssh://") ? Number(port ?? 22) : 22 };
}
