import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { endMarked } from "../../../runner/src/processes";
import { ensureCrate, RALPH } from "../../../local/tools/cargo";
import { REPOSITORY } from "../../../lib/repository";
import { type Child, start } from "./children";
import { freePort } from "./prometheus";

/** The real Ralph program. If it is not available, reports the reason and skips the test. */
export async function ralphOrSkip(test: Mocha.Context): Promise<string> {
  test.timeout(40 * 60_000); // it may have to be built
  try {
    return await ensureCrate(RALPH);
  } catch (error) {
    console.log(`      skipped: ${(error as Error).message}`);
    return test.skip();
  }
}

/** Every system program that the runner needs, but none of its agents. */
const SYSTEM = "/usr/local/bin:/usr/bin:/bin";

/** A container's file system in a temporary folder, in which runners start as in pods. */
export class Sandbox {
  readonly root = mkdtempSync(join(tmpdir(), "runner-"));
  private readonly pods: Pod[] = [];

  private readonly search: string;

  constructor(ralph: string) {
    for (const folder of ["prompts", "workspace", "bin"]) mkdirSync(join(this.root, folder));
    this.search = `${this.path("bin")}:${dirname(ralph)}:${dirname(process.execPath)}:${SYSTEM}`;
  }

  /** The variable that all processes of the runners here have, their git's included. */
  get mark(): string {
    return `PATH=${this.search}:${join(REPOSITORY, "runner", "bin")}`;
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  read(...parts: string[]): string {
    return readFileSync(this.path(...parts), "utf8");
  }

  exists(...parts: string[]): boolean {
    return existsSync(this.path(...parts));
  }

  prompt(name: string, text: string): string {
    writeFileSync(this.path("prompts", name), text);
    return this.path("prompts", name);
  }

  /** Puts a script on PATH with the name of an agent's program. */
  agent(name: string, script: string): void {
    writeFileSync(this.path("bin", name), `#!/bin/bash\n${script}\n`);
    chmodSync(this.path("bin", name), 0o755);
  }

  /**
   * Makes `claude` an agent that records the beginning and end of each call where no worker can clean up, and waits in
   * between for as long as there is a file with the prompt's name in `hold`.
   */
  recordCalls(): void {
    mkdirSync(this.path("hold"));
    // $1 ... are Ralph's arguments.
    this.agent(
      "claude",
      `p=$(grep -o 'prompt-[a-z0-9-]*' | head -1)
       echo "begin $p $HOSTNAME" >> ${this.path("calls")}
       while [ -e "${this.path("hold")}/$p" ]; do sleep 0.1; done
       echo "$p" > result
       echo "end $p $HOSTNAME" >> ${this.path("calls")}
       echo LOOP_COMPLETE`,
    );
  }

  /** The calls that have begun or ended, in their order. */
  calls(what: "begin" | "end"): { prompt: string; pod: string }[] {
    if (!this.exists("calls")) return [];
    return this.read("calls")
      .split("\n")
      .filter((line) => line.startsWith(`${what} `))
      .map((line) => ({ prompt: line.split(" ")[1] ?? "", pod: line.split(" ")[2] ?? "" }));
  }

  /**
   * Starts a runner; `HOSTNAME` in its variables is the pod's name.
   *
   * @param timeout milliseconds, in place of those of a program that a test of the engine starts
   */
  async start(args: readonly string[], variables: NodeJS.ProcessEnv = {}, timeout?: number): Promise<Pod> {
    const port = await freePort();
    const child = start(process.execPath, ["-r", "./boot/loader.js", "runner/src/main.ts", ...args], {
      cwd: REPOSITORY,
      timeout,
      env: {
        PATH: this.search,
        HOME: this.root,
        HOSTNAME: `pod-${this.pods.length}`,
        RALPH_ROOT: this.root,
        RALPH_METRICS_PORT: String(port),
        ...variables,
      },
    });
    const pod = new Pod(child, port);
    this.pods.push(pod);
    return pod;
  }

  /** Runs a runner until it exits. */
  async run(args: readonly string[], variables?: NodeJS.ProcessEnv): ReturnType<typeof ended> {
    return ended(await this.start(args, variables));
  }

  async remove(): Promise<void> {
    for (const { child } of this.pods) child.kill();
    await Promise.all(this.pods.map(({ child }) => child.result));
    // What a killed runner was doing, such as a commit, continues briefly, and would write into the removed folder.
    await endMarked(this.mark);
    rmSync(this.root, { recursive: true, force: true });
  }
}

const ended = ({ child }: Pod): Child["result"] => child.result;

export class Pod {
  constructor(
    readonly child: Child,
    readonly port: number,
  ) {}

  /** Undefined until it listens. */
  async get(path: string): Promise<{ readonly status: number; readonly text: string } | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
      return { status: response.status, text: await response.text() };
    } catch {
      return undefined;
    }
  }

  /** The values of a metric, by its labels as in the text; `""` without labels. */
  async metric(name: string): Promise<Record<string, number>> {
    const text = (await this.get("/metrics"))?.text ?? "";
    return Object.fromEntries(
      [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"))].map(([, labels, value]) => [
        labels ?? "",
        Number(value),
      ]),
    );
  }
}
