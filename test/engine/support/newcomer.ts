import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunResult } from "../../../lib/process";
import { REPOSITORY } from "../../../lib/repository";
import { quoted } from "../../../lib/shell";
import { pulumiEnvironment } from "../../../local/engine";
import { cacheFolder } from "../../../local/tools/cache";
import { installStubClouds, type StubClouds } from "../../../stub-clouds/install";
import type { StubName } from "../../../stub-clouds/types";
import { killAll, killProviders, start } from "./children";
import { fixture } from "./fixture";

/** What a clone has not, and what no page needs. */
const NOT_CLONED = ["node_modules", ".git", ".local", "test"];

/**
 * The user that a page is written for: with a new home folder, a clone of this repository, and an account in which
 * nothing exists, but without any login at a cloud and without a variable that names one. Pulumi, Docker, kubectl and the
 * vendors' programs are installed, and Pulumi is logged in to a backend.
 */
export class Newcomer {
  readonly dir: string;
  /** The clone. */
  readonly tree: string;
  readonly home: string;
  readonly clouds: StubClouds;
  private readonly env: NodeJS.ProcessEnv;
  private readonly session: string;

  /** URL of the backend that Pulumi is logged in to. */
  readonly backend: string;

  /**
   * @param name unique within a run
   * @param world folder of the cloud. Default: a new one
   */
  constructor(name: string, plugins: readonly StubName[], world?: string) {
    const { dir, toolchain, plane } = fixture();
    this.dir = join(dir, name);
    this.home = join(this.dir, "home");
    this.tree = join(this.home, "ralph");
    this.session = join(this.dir, "session");
    mkdirSync(this.home, { recursive: true });
    for (const entry of readdirSync(REPOSITORY).filter((each) => !NOT_CLONED.includes(each)))
      cpSync(join(REPOSITORY, entry), join(this.tree, entry), {
        recursive: true,
        filter: (path) => !path.endsWith("/node_modules"),
      });
    const engine = pulumiEnvironment({ dir: this.dir, toolchain, passphrase: "of-the-user" });
    const pulumiHome = join(this.dir, "pulumi-home");
    this.clouds = installStubClouds(pulumiHome, {
      dir: world ?? join(this.dir, "world"),
      plugins,
      plane,
      asksForLogin: true,
    });
    // The settings of the engine; it is logged in to a backend, so that no variable names one.
    const { PULUMI_BACKEND_URL, ...settings } = Object.fromEntries(
      Object.entries(engine).filter(([key]) => key.startsWith("PULUMI_")),
    );
    this.env = {
      ...settings,
      ...this.clouds.environment(engine.PATH),
      DOCKER_CONFIG: undefined, // in the home folder
      HOME: this.home,
      TMPDIR: engine.TMPDIR,
      RALPH_TOOLS_CACHE: cacheFolder(),
      // What a user confirms at a terminal.
      PULUMI_SKIP_CONFIRMATIONS: "true",
    };
    this.backend = String(PULUMI_BACKEND_URL);
    mkdirSync(join(pulumiHome, "workspaces"), { recursive: true });
    writeFileSync(
      join(pulumiHome, "credentials.json"),
      JSON.stringify({ current: this.backend, accounts: { [this.backend]: {} } }),
      { mode: 0o600 },
    );
  }

  /** Does what `npm ci` does, with the packages that are installed here. */
  install(): void {
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.tree, "node_modules"));
  }

  /** Installs a program of this machine alone. */
  program(name: string, script: string): void {
    writeFileSync(join(this.dir, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Runs a script in the clone, with variables of its own; nothing that it exports stays. */
  script(text: string, env: NodeJS.ProcessEnv, options = "-e"): Promise<RunResult> {
    const own = { ...this.env, ...env };
    return start("/bin/bash", [...options.split(" "), "-c", text], {
      cwd: this.tree,
      env: own,
      timeout: 300_000,
    }).result;
  }

  /** Runs a command in the clone, with bash; what it exports stays for the next one. */
  run(command: string, input = ""): Promise<RunResult> {
    const answers = join(this.dir, "answers");
    writeFileSync(answers, input);
    const script = [
      "set -o pipefail",
      `if [ -e ${quoted(this.session)} ]; then . ${quoted(this.session)}; fi`,
      `exec <${quoted(answers)}`,
      command,
      "code=$?",
      `export -p >${quoted(this.session)}`,
      "exit $code",
    ].join("\n");
    return start("/bin/bash", ["-c", script], { cwd: this.tree, env: this.env, timeout: 300_000 }).result;
  }

  /** Deletes its files; what is in the cluster must be deleted before. */
  remove(): void {
    killAll();
    killProviders(join(this.dir, "pulumi-home"));
    rmSync(this.dir, { recursive: true, force: true });
  }
}
