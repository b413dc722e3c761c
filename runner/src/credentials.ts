import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { HTTPS_FILES, SSH_FILES } from "./contract";
import { apiOf, serverName } from "./forge";
import type { GitAddress } from "./git-address";
import { GitHubApp } from "./github-app";
import type { GitCall } from "./own-git";
import type { Settings } from "./settings";

/** Variables by which git, through curl, finds a proxy. */
const PROXY = /^(?:https?_proxy|no_proxy|all_proxy)$/i;

/** What opens a git server: the files of a mounted Secret, read again each time, since it may have changed. */
export class Credentials {
  private app: GitHubApp | undefined;

  /** @param hide called with each secret, so that no output shows it */
  constructor(
    private readonly settings: Pick<Settings, "gitSsh" | "gitHost" | "gitApi" | "githubApp">,
    private readonly address: GitAddress,
    private readonly env: NodeJS.ProcessEnv,
    private readonly hide: (secret: string) => void = () => undefined,
  ) {}

  /** The server's own certificate authority. */
  get ca(): string | undefined {
    return this.read(HTTPS_FILES.ca);
  }

  /** What git needs to reach the server. */
  async git(): Promise<GitCall> {
    const { protocol, host, port } = this.address;
    if (protocol === "ssh") return { variables: { GIT_ALLOW_PROTOCOL: "ssh", GIT_SSH_COMMAND: this.ssh() } };
    const token = await this.token();
    // The bundle of `trustedCA`, for example of a proxy that opens the connections.
    const authorities = this.ca === undefined ? this.env.GIT_SSL_CAINFO : this.file(HTTPS_FILES.ca);
    const server = `https://${host}${port === undefined ? "" : `:${port}`}/`;
    return {
      variables: {
        GIT_ALLOW_PROTOCOL: "https",
        ...Object.fromEntries(
          Object.entries(this.env).flatMap(([name, value = ""]) => (PROXY.test(name) ? [[name, value]] : [])),
        ),
      },
      settings: [
        ...(token === undefined ? [] : [[`http.${server}.extraHeader`, this.basic(token)] as const]),
        ...(authorities === undefined ? [] : [["http.sslCAInfo", authorities] as const]),
        // A stalled connection ends by itself.
        ["http.lowSpeedLimit", "1000"],
        ["http.lowSpeedTime", "60"],
      ],
    };
  }

  /**
   * The token for HTTPS and the API; undefined without one, which is enough to read a public repository, and for a
   * server that it is not of.
   */
  async token(): Promise<string | undefined> {
    const { githubApp, gitApi, gitHost } = this.settings;
    const { host } = this.address;
    if (serverName(gitHost ?? host) !== serverName(host)) return undefined;
    if (githubApp === undefined) {
      const token = this.read(HTTPS_FILES.token)?.trim();
      if (token !== undefined) this.hide(token);
      return token;
    }
    this.app ??= new GitHubApp(
      gitApi ?? apiOf(this.address, "github"),
      githubApp,
      () => this.read(HTTPS_FILES.appKey) ?? "",
      this.address.path,
      { ca: this.ca, env: this.env },
    );
    const token = await this.app.current();
    this.hide(token);
    return token;
  }

  /** GitHub, GitLab and Gitea take a token as the password of any user. */
  private basic(token: string): string {
    const text = Buffer.from(`x-access-token:${token}`).toString("base64");
    this.hide(text);
    return `Authorization: Basic ${text}`;
  }

  private readonly file = (name: string): string => join(this.settings.gitSsh, name);

  private read(name: string): string | undefined {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), "utf8") : undefined;
  }

  /** The ssh command: this key only, known servers only, no prompts and no other configuration. */
  private ssh(): string {
    const quoted = (name: string): string => `'${this.file(name).replaceAll("'", "'\\''")}'`;
    const options = [
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${quoted(SSH_FILES.knownHosts)}`,
      "GlobalKnownHostsFile=/dev/null",
      "ConnectTimeout=15",
      "ServerAliveInterval=10",
      "ServerAliveCountMax=3",
    ];
    return [
      "ssh -F /dev/null",
      `-i ${quoted(SSH_FILES.privateKey)}`,
      ...options.map((each) => `-o ${each}`),
    ].join(" ");
  }
}
