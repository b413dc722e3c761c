import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { type Child, start } from "../engine/support/children";
import { fixture } from "../engine/support/fixture";
import { kubectl } from "../engine/support/kubectl";
import { freePort } from "../engine/support/prometheus";
import { until } from "../engine/support/until";
import { programsOrSkip } from "./go-programs";

const VERSION = "1.9.6";
/** Where Flux's own objects are by default. */
export const FLUX_NAMESPACE = "flux-system";
const LIFE = 60 * 60_000;

type Controller = "source" | "kustomize";
const CONTROLLERS: readonly Controller[] = ["source", "kustomize"];

/** The two controllers of Flux that apply a folder of a repository, as processes beside the API server. */
export class Flux {
  private children: Child[] = [];

  private constructor(private readonly programs: Readonly<Record<Controller, string>>) {}

  /** Builds them if necessary, and creates their kinds and namespace. */
  static async startOrSkip(test: Mocha.Context): Promise<Flux> {
    const programs: Partial<Record<Controller, string>> = {};
    const kinds: string[] = [];
    for (const name of CONTROLLERS) {
      const module = `github.com/fluxcd/${name}-controller`;
      const { folder, dependency } = await programsOrSkip(test, `flux-${name}`, VERSION, [module]);
      programs[name] = join(folder, `${name}-controller`);
      kinds.push(join(await dependency(module), "config", "crd", "bases"));
    }
    for (const folder of kinds) await kubectl("apply", "--server-side", "--filename", folder);
    await kubectl("wait", "crd", "--all", "--for=condition=Established");
    await kubectl("create", "namespace", FLUX_NAMESPACE);
    const flux = new Flux(programs as Record<Controller, string>);
    await flux.start();
    return flux;
  }

  async start(): Promise<void> {
    const dir = join(fixture().dir, "flux");
    const storage = join(dir, "storage");
    mkdirSync(storage, { recursive: true });
    const at = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
    const [artifacts, health] = [await at(), await at()];
    const run = async (name: Controller, args: readonly string[], healthAddress: string): Promise<void> => {
      const addresses = [`--metrics-addr=${await at()}`, `--health-addr=${healthAddress}`];
      const env = {
        PATH: process.env.PATH,
        HOME: dir,
        TMPDIR: dir,
        KUBECONFIG: fixture().plane.kubeconfig,
        RUNTIME_NAMESPACE: FLUX_NAMESPACE,
      };
      this.children.push(
        start(this.programs[name], [...addresses, ...args], { cwd: dir, env, timeout: LIFE }),
      );
    };
    const storageArgs = [`--storage-addr=${artifacts}`, `--storage-adv-addr=${artifacts}`];
    await run("source", [`--storage-path=${storage}`, ...storageArgs], await at());
    await run("kustomize", ["--requeue-dependency=1s"], health);
    await until("Flux is ready", async () => {
      const response = await fetch(`http://${health}/readyz`).catch(() => undefined);
      return response?.ok;
    });
  }

  async stop(): Promise<void> {
    for (const child of this.children) child.kill();
    await Promise.all(this.children.map(({ result }) => result));
    this.children = [];
  }
}
