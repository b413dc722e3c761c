/**
 * Proves that a real Prometheus reads a real runner with the program's own scrape configuration: it discovers the
 * pod from the API server as that configuration says, scrapes it, and promtool accepts the format of the metrics.
 * The pod is an object on the server with this machine's address; its process runs here, with the real Ralph.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

import { run } from "../../lib/process";
import { changed, defaults, KIND } from "../support/workload";
import { start } from "./support/children";
import { fixture } from "./support/fixture";
import { kubectl } from "./support/kubectl";
import { freePort, fromOutside, type Prometheus, prometheusOrSkip } from "./support/prometheus";
import { type Pod, ralphOrSkip, Sandbox } from "./support/runner";
import { until } from "./support/until";

/** The rendered scrape configuration. */
const NAMESPACE = "ralph-orchestrator";

describe("the runner under a real Prometheus", () => {
  let programs: Prometheus;
  let box: Sandbox;
  let pod: Pod;

  before(async function () {
    programs = await prometheusOrSkip(this);
    box = new Sandbox(await ralphOrSkip(this));
    box.prompt("job.md", "Anything.");
    pod = await box.start([], { RALPH_AGENT: "smoke" });
    await until(
      "the prompt is done",
      async () => (await pod.metric("ralph_prompts"))['state="completed"'] === 1,
    );
  });
  after(async () => {
    if (box !== undefined) await box.remove();
    await kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false");
  });

  it("has metrics in a format that promtool accepts", async () => {
    const { code, stdout, stderr } = await run(programs.promtool, ["check", "metrics"], {
      input: (await pod.get("/metrics"))?.text ?? "",
    });
    assert.deepEqual({ code, text: stdout + stderr }, { code: 0, text: "" });
  });

  it("is found by prometheus-config, scraped, and answers the queries of docs/metrics.md, the alerts and the dashboard", async () => {
    await kubectl("create", "namespace", NAMESPACE);
    writeFileSync(box.path("pod.json"), JSON.stringify(podObject(pod.port)));
    await kubectl("create", "-f", box.path("pod.json"));
    // No kubelet runs it, so the test writes its status.
    const status = { phase: "Running", podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }] };
    await kubectl(
      "patch",
      "pod",
      "worker-1",
      "-n",
      NAMESPACE,
      "--subresource=status",
      "--type=merge",
      "-p",
      JSON.stringify({ status }),
    );

    const { inputs } = (await defaults()).find(KIND.configMap, "prometheus-config");
    writeFileSync(
      box.path("prometheus.yml"),
      fromOutside(inputs.data["prometheus.yml"] as string, fixture().plane).replace(
        "scrape_interval: 15s",
        "scrape_interval: 1s",
      ),
    );
    const port = await freePort();
    const server = start(
      programs.prometheus,
      [
        `--config.file=${box.path("prometheus.yml")}`,
        `--storage.tsdb.path=${box.path("data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { cwd: box.root, env: process.env },
    );
    try {
      const query = async (text: string): Promise<Result[] | undefined> => {
        const response = await fetch(
          `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`,
        ).catch(() => undefined);
        if (response === undefined || response.status === 503) return undefined; // it is not ready yet
        const { data, error } = (await response.json()) as { data?: { result: Result[] }; error?: string };
        return data?.result ?? assert.fail(`${text}: ${error}`);
      };
      const [up] = await until("Prometheus has scraped it", async () => {
        const found = await query("up == 1");
        return found !== undefined && found.length > 0 && found;
      });
      assert.deepEqual(up?.metric, {
        __name__: "up",
        instance: `127.0.0.1:${pod.port}`,
        job: "ralph-orchestrator",
        namespace: NAMESPACE,
        pod: "worker-1",
      });
      const value = async (text: string): Promise<string | undefined> => (await query(text))?.[0]?.value[1];
      assert.equal(await value('ralph_runs_total{outcome="completed"}'), "1");
      assert.equal(await value("ralph_iterations_total"), "1");
      assert.equal(await value('max(ralph_prompts{state="pending"})'), "0");
      assert.equal(await value("ralph_build_info"), "1");
      for (const expression of [...questions(), ...(await alerts())])
        assert.ok(Array.isArray(await query(expression)), expression);
      // KEDA takes one value, and no more.
      const open = await query(await openPrompts());
      assert.deepEqual(
        open?.map(({ value: [, number] }) => number),
        ["0"],
      );
      await until("Prometheus has scraped it twice, so that a counter can grow", async () => {
        const found = await query("count_over_time(ralph_runs_total[1m]) > 1");
        return found !== undefined && found.length > 0;
      });
      const silent: string[] = [];
      for (const { title, targets } of await panels())
        for (const { expr } of targets) if ((await query(expr))?.length === 0) silent.push(title);
      // Nothing runs, nothing is wrong, and no kubelet or kube-state-metrics is scraped here.
      assert.deepEqual(silent, [
        "Model API",
        "Duration of the current runs",
        "Memory, of the limit",
        "CPU cores",
        "Free space of volumes",
      ]);
    } finally {
      server.kill();
      await server.result;
    }
  });
});

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** The expressions in the document. */
function questions(): string[] {
  const text = readFileSync("docs/metrics.md", "utf8");
  const found = [...text.slice(text.indexOf("## Questions")).matchAll(/\| `(.*?)` +\|$/gm)].map(
    ([, expression]) => expression ?? "",
  );
  assert.ok(found.length >= 6);
  return found;
}

/** The expressions of the program's alerts. */
async function alerts(): Promise<string[]> {
  const { spec } = (await defaults()).find(KIND.prometheusRule, "ralph-prometheusrule").inputs;
  return (spec as { groups: { rules: { expr: string }[] }[] }).groups.flatMap(({ rules }) =>
    rules.map(({ expr }) => expr),
  );
}

/** The query by which KEDA counts the prompts. */
async function openPrompts(): Promise<string> {
  const run = await changed({ autoscaling: { by: "queue" } });
  const { spec } = run.find("kubernetes:keda.sh/v1alpha1:ScaledObject", "ralph-orchestrator").inputs;
  return (spec as { triggers: { metadata: { query: string } }[] }).triggers[0]?.metadata.query ?? "";
}

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

/** The panels of the program's dashboard. */
async function panels(): Promise<readonly Panel[]> {
  const { data } = (await defaults()).find(KIND.configMap, "ralph-dashboard").inputs;
  return (JSON.parse(Object.values(data as Record<string, string>)[0] ?? "") as { panels: Panel[] }).panels;
}

/** As the workload's pods are, in what the discovery looks at. No scheduler assigns it. */
const podObject = (port: number): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "worker-1", namespace: NAMESPACE, labels: { app: "ralph-orchestrator" } },
  spec: {
    schedulerName: "nobody",
    automountServiceAccountToken: false,
    containers: [{ name: "ralph", image: "none", ports: [{ name: "metrics", containerPort: port }] }],
  },
});
