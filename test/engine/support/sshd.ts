import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { onPath } from "../../../local/tools/versions";
import { type Child, start } from "./children";
import { freePort } from "./prometheus";
import { until } from "./until";

/** A git server over real SSH on this machine, for one key. */
export class GitServer {
  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly child: Child,
  ) {}

  /** If there is no OpenSSH server, reports that and skips the test. */
  static async startOrSkip(test: Mocha.Context): Promise<GitServer> {
    const sshd = ["/usr/sbin/sshd", ...onPath("sshd")].find((file) => existsSync(file));
    if (sshd === undefined) {
      console.log("      skipped: there is no sshd; on Debian: apt-get install openssh-server");
      return test.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), "git-server-"));
    for (const name of ["host", "client", "stranger"])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
    execFileSync("git", ["init", "--quiet", "--bare", join(folder, "results.git")]);
    // sshd needs this folder for privilege separation as root; with the package, its service creates it.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    const port = await freePort();
    const options = {
      Port: port,
      ListenAddress: "127.0.0.1",
      HostKey: join(folder, "host"),
      AuthorizedKeysFile: join(folder, "client.pub"),
      PidFile: "none",
      StrictModes: "no",
      UsePAM: "no",
      PasswordAuthentication: "no",
      KbdInteractiveAuthentication: "no",
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const child = start(sshd, ["-D", "-e", "-f", "/dev/null", ...flags], { cwd: folder, env: process.env });
    const server = new GitServer(folder, port, child);
    await until("sshd listens", () => listens(port));
    return server;
  }

  /** The runner's variables for this server, with keys in `folder` as in the pod's volume. */
  variables(folder: string, { known = "host", key = "client" } = {}): NodeJS.ProcessEnv {
    mkdirSync(folder, { recursive: true });
    const [type, text] = readFileSync(join(this.folder, `${known}.pub`), "utf8").split(" ");
    writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${this.port} ${type} ${text}\n`);
    writeFileSync(join(folder, "ssh-privatekey"), readFileSync(join(this.folder, key)), {
      mode: 0o400,
      flag: "w",
    });
    return {
      RALPH_GIT_REMOTE: `ssh://${userInfo().username}@127.0.0.1:${this.port}${this.folder}/results.git`,
      RALPH_GIT_SSH: folder,
    };
  }

  git(...args: string[]): string {
    return execFileSync("git", ["-C", join(this.folder, "results.git"), ...args], {
      encoding: "utf8",
    }).trim();
  }

  branches(): string[] {
    return this.git("for-each-ref", "--format=%(refname:short)")
      .split("\n")
      .filter((name) => name !== "");
  }

  /** The lines of the client's key. */
  get secret(): string[] {
    return readFileSync(join(this.folder, "client"), "utf8").trim().split("\n").slice(1, -1);
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.child.result;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.end());
  });
