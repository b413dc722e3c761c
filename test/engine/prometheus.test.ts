/**
 * Proves the scrape configuration in the ConfigMap `prometheus-config` on a real Prometheus, which uses it to
 * discover this server's pods: one target for each worker, at its metrics port, and none for a finished pod. No
 * simulated pod answers a scrape, so the targets are down; only their discovery is proven.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";
import { type Child, start } from "./support/children";
import { fixture } from "./support/fixture";
import { get, list, type Live } from "./support/kubectl";
import { freePort, fromOutside, type Prometheus, prometheusOrSkip, targetsAt } from "./support/prometheus";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "scraped";

describe("the ConfigMap prometheus-config", () => {
  let stack: Stack | undefined;
  let programs: Prometheus;
  let server: Child | undefined;
  let folder: string;
  let config: string;

  before(async function () {
    programs = await prometheusOrSkip(this);
    folder = join(fixture().dir, "prometheus");
    mkdirSync(folder);
    stack = await Stack.create({ namespace: NAMESPACE });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    config = (await get("configmap", `prometheus-config-${NAMESPACE}`, "monitoring"))?.data[
      "prometheus.yml"
    ] as string;
  });

  after(async () => {
    server?.kill();
    await server?.result;
    await stack?.remove();
  });

  it("is a valid configuration", async () => {
    const file = join(folder, "unchanged.yml");
    writeFileSync(file, config);
    const { code, stdout, stderr } = await run(programs.promtool, ["check", "config", file]);
    assert.equal(code, 0, stdout + stderr);
  });

  it("makes only the workers targets, and labels them", async () => {
    const port = await freePort();
    writeFileSync(join(folder, "prometheus.yml"), fromOutside(config, fixture().plane));
    server = start(
      programs.prometheus,
      [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { cwd: REPOSITORY, env: process.env },
    );

    const pods = (component: string): Promise<Live[]> =>
      list("pods", "-n", NAMESPACE, "-l", `app.kubernetes.io/component=${component}`);
    const [task] = await until("the task has ended", async () => {
      const found = await pods("task");
      return found.some(({ status }) => status.phase === "Succeeded") && found;
    });
    // Prometheus also lists the targets that it dropped: the finished pod among them proves that it has looked.
    const targets = await until("Prometheus has found the worker and the ended task", async () => {
      const { activeTargets: active, droppedTargets: dropped } = await targetsAt(port);
      const seen = dropped.some(
        ({ discoveredLabels: labels }) =>
          labels.__meta_kubernetes_pod_name === task?.metadata.name &&
          labels.__meta_kubernetes_pod_phase === "Succeeded",
      );
      return seen && active.length > 0 && active;
    });

    const workers = await pods("worker");
    assert.equal(workers.length, 1);
    assert.deepEqual(
      targets.map(({ scrapeUrl, labels }) => ({ scrapeUrl, labels })),
      workers.map(({ metadata: { name }, status: { podIP } }) => ({
        scrapeUrl: `http://${podIP}:8080/metrics`,
        labels: { job: "ralph-orchestrator", instance: `${podIP}:8080`, namespace: NAMESPACE, pod: name },
      })),
    );
  });
});
