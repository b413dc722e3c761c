import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

import { pulumiEnvironment } from "../../../local/engine";
import type { RunResult } from "../../../lib/process";
import { installStubClouds, type StubClouds } from "../../../stub-clouds/install";
import { sdkVersion } from "../../../stub-clouds/sdk";
import type { PluginName } from "../../../stub-clouds/types";
import { start } from "../support/children";
import { type Events, readEvents } from "../support/events";
import { fixture } from "../support/fixture";
import { watch } from "../support/judged";
import type { Listed } from "./tiny";

const PROGRAM = join(__dirname, "tiny");

export interface TinyOptions {
  readonly name: string;
  readonly plugin: PluginName;
  /** Provider configuration, such as `gcp:project`. */
  readonly config: Readonly<Record<string, string>>;
  readonly timeScale?: number;
}

/** A stack of the program `tiny` in a cloud of its own, with the plugin of that cloud only. */
export class TinyStack {
  readonly clouds: StubClouds;
  private readonly env: NodeJS.ProcessEnv;
  private readonly configFile: string;
  private runs = 0;

  private constructor(
    private readonly options: TinyOptions,
    private readonly dir: string,
  ) {
    const { toolchain, plane } = fixture();
    const { plugin, timeScale, name } = options;
    const world = join(dir, "world");
    this.configFile = join(dir, `Pulumi.${name}.yaml`);
    this.clouds = watch(
      installStubClouds(join(dir, "pulumi-home"), {
        dir: world,
        plugins: [plugin],
        plane,
        timeScale,
      }),
    );
    // The program enables no API.
    const apis = ["compute.googleapis.com", "container.googleapis.com"];
    writeFileSync(join(world, "apis.json"), JSON.stringify(apis));
    const own = pulumiEnvironment({ dir, toolchain, passphrase: "tiny", project: PROGRAM });
    this.env = {
      ...own,
      ...this.clouds.environment(own.PATH),
      PULUMI_STACK: name,
      PULUMI_OPTION_CONFIG_FILE: this.configFile,
      PULUMI_DEBUG_COMMANDS: "true",
    };
  }

  static async create(options: TinyOptions): Promise<TinyStack> {
    const dir = join(fixture().dir, `tiny-${options.name}`);
    mkdirSync(dir);
    const stack = new TinyStack(options, dir);
    writeFileSync(join(dir, "Pulumi.yaml"), readFileSync(join(PROGRAM, "Pulumi.yaml")));
    const { code, stdout, stderr } = await stack.pulumi(["stack", "init", options.name], dir);
    if (code !== 0) throw new Error(stdout + stderr);
    return stack;
  }

  /** Sets the resources that the stack has from now on. */
  list(resources: readonly Listed[]): void {
    const { plugin, config } = this.options;
    const wanted = { ...config, "tiny:version": sdkVersion(plugin), "tiny:resources": resources };
    writeFileSync(this.configFile, stringify({ config: wanted }));
  }

  readonly preview = (...args: string[]): Promise<RunResult & Events> => this.run("preview", args);
  readonly up = (...args: string[]): Promise<RunResult & Events> =>
    this.run("up", ["--yes", "--skip-preview", ...args]);
  readonly refresh = (...args: string[]): Promise<RunResult & Events> =>
    this.run("refresh", ["--yes", "--skip-preview", ...args]);
  readonly destroy = (): Promise<RunResult & Events> => this.run("destroy", ["--yes", "--skip-preview"]);

  private async run(command: string, args: readonly string[]): Promise<RunResult & Events> {
    const log = join(this.dir, `events-${++this.runs}.jsonl`);
    return { ...(await this.pulumi([command, ...args, "--event-log", log])), ...readEvents(log) };
  }

  private pulumi(args: readonly string[], cwd = PROGRAM): Promise<RunResult> {
    const { pulumi } = fixture().toolchain.paths;
    return start(pulumi, [...args, "--non-interactive", "--color", "never"], { cwd, env: this.env }).result;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
