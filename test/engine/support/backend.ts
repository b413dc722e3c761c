import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pulumiEnvironment } from "../../../local/engine";
import { REPOSITORY } from "../../../lib/repository";
import type { RunResult } from "../../../lib/process";
import { installStubClouds, type StubClouds } from "../../../stub-clouds/install";
import type { StubName } from "../../../stub-clouds/types";
import { RALPHCTL } from "../../support/ralphctl";
import { type Child, killAll, start } from "./children";
import { fixture } from "./fixture";
import { watch } from "./judged";

interface Imported {
  readonly resources: readonly {
    readonly type: string;
    readonly name: string;
    readonly id?: string;
    readonly protect?: boolean;
    readonly inputs?: object;
    readonly outputs?: object;
    readonly provider?: string;
  }[];
  /** The stack's outputs. */
  readonly outputs?: object;
}

/** A team's Pulumi backend and cloud, which the commands of operations/ find in the environment. */
export class Backend {
  readonly dir: string;
  readonly clouds: StubClouds;
  readonly env: NodeJS.ProcessEnv;

  constructor(name: string, plugins: readonly StubName[]) {
    const { dir, toolchain, plane } = fixture();
    this.dir = join(dir, name);
    mkdirSync(this.dir);
    const own = pulumiEnvironment({ dir: this.dir, toolchain, passphrase: "of-the-team" });
    this.clouds = watch(
      installStubClouds(join(this.dir, "pulumi-home"), {
        dir: join(this.dir, "world"),
        plugins,
        plane,
      }),
    );
    this.env = { ...own, ...this.clouds.environment(own.PATH) };
  }

  /** `./ralphctl ...` */
  lifecycle(...args: string[]): Promise<RunResult> {
    return this.begin(...args).result;
  }

  /** The same, without waiting for its end. */
  begin(...args: string[]): Child {
    return start(process.execPath, [...RALPHCTL, ...args], {
      cwd: REPOSITORY,
      env: this.env,
      timeout: 300_000,
    });
  }

  /** `pulumi ...`; fails with its output. */
  async pulumi(...args: string[]): Promise<string> {
    const { pulumi } = fixture().toolchain.paths;
    const words = [...args, "--non-interactive", "--color", "never"];
    const { code, stdout, stderr } = await start(pulumi, words, { cwd: REPOSITORY, env: this.env }).result;
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (exit ${code}):\n${stdout}${stderr}`);
    return stdout;
  }

  /** Calls a function of operations/ in a separate process, as a command would: for what has no option. */
  async call<T>(module: string, name: string, options: object): Promise<T> {
    const script =
      `require(${JSON.stringify(`./operations/${module}`)})[${JSON.stringify(name)}]` +
      `({ ...${JSON.stringify(options)}, say: () => undefined })` +
      `.then((result) => process.stdout.write(JSON.stringify(result)))`;
    const words = ["-r", "sucrase/register/ts", "-e", script];
    const { code, stdout, stderr } = await start(process.execPath, words, { cwd: REPOSITORY, env: this.env })
      .result;
    if (code !== 0) throw new Error(`${name} failed (exit ${code}):\n${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Creates a stack; its stack file is outside the repository. */
  async init(stack: string, project = "ralph"): Promise<void> {
    const folder = join(this.dir, "project");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    await this.pulumi("stack", "init", stack, "--no-select", "--cwd", folder);
  }

  /** Imports a state that no run has created. */
  async import(stack: string, { resources, outputs = {} }: Imported): Promise<void> {
    const root = `urn:pulumi:${stack}::ralph::pulumi:pulumi:Stack::ralph-${stack}`;
    const file = join(this.dir, `${stack}.json`);
    const deployment = {
      manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
      resources: [
        { urn: root, custom: false, type: "pulumi:pulumi:Stack", outputs },
        ...resources.map(({ type, name, ...rest }) => ({
          urn: `urn:pulumi:${stack}::ralph::${type}::${name}`,
          custom: true,
          type,
          parent: root,
          ...rest,
        })),
      ],
    };
    writeFileSync(file, JSON.stringify({ version: 3, deployment }));
    await this.pulumi("stack", "import", "--stack", stack, "--file", file);
  }

  /** Names of the project's stacks. */
  get stacks(): string[] {
    const folder = join(this.dir, "state", ".pulumi", "stacks", "ralph");
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []);
  }

  /** Every file of the state, byte for byte. */
  snapshot(): Readonly<Record<string, string>> {
    const folder = join(this.dir, "state", ".pulumi", "stacks", "ralph");
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "base64")]));
  }

  /** Deletes all stacks, whatever state a failed test left them in. */
  async remove(): Promise<void> {
    killAll();
    for (const stack of this.stacks) {
      await this.pulumi("cancel", "--yes", "--stack", stack);
      await this.lifecycle("ephemeral", "down", "--name", stack, "--yes");
    }
  }
}
