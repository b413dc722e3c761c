/**
 * Proves, on the real engine, provider and API server, that a cluster without Prometheus gets it before the
 * ServiceMonitor and loses it after, and that a cluster that has an operator gets no second one: with the code that installs the published chart, but a small chart with the
 * same name, custom kind and hook in its place; and that ralphctl does not remove it while others use it. It does not prove that the published chart works.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";

import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { prometheusRuleCrd, serviceMonitorCrd } from "../../local/control-plane/crds";
import { run } from "../../lib/process";
import { sections } from "../../stack";
import { fixture } from "./support/fixture";
import { lifecycle } from "./support/lifecycle";
import { Stack } from "./support/stack";

const CHART = "kube-prometheus-stack";
const CRD = "servicemonitors.monitoring.coreos.com";

describe("monitoring.install", () => {
  let plane: ControlPlane;
  let repository: Server;
  let stack: Stack;

  const send = (input: string | undefined, ...args: string[]) => {
    const words = ["--kubeconfig", plane.kubeconfig, ...args];
    return run(fixture().toolchain.paths.kubectl, words, { input, timeout: 60_000 });
  };
  const kubectl = (...args: string[]) => send(undefined, ...args);
  const exists = async (...object: string[]) => (await kubectl("get", ...object)).code === 0;

  before(async () => {
    const { dir, toolchain, plane: shared } = fixture();
    plane = await startControlPlane({ dir: join(dir, "monitoring-plane"), name: shared.name, toolchain });
    await kubectl("delete", "namespace", "monitoring");
    repository = await serveChart(join(dir, "chart"));
    const { port } = repository.address() as AddressInfo;
    stack = await Stack.create({
      namespace: "monitored",
      kubeconfig: plane.kubeconfig,
      config: {
        monitoring: { install: CHART, chartRepository: `http://127.0.0.1:${port}` },
        tasks: [],
        schedules: [],
      },
    });
  });

  after(async () => {
    await stack.remove();
    repository.close();
    await plane.stop();
  });

  async function refused(by: Stack, words: RegExp): Promise<void> {
    const { code, stdout, stderr } = await by.preview();
    assert.notEqual(code, 0, stdout);
    assert.match(stdout + stderr, words);
  }

  it("is refused where an operator exists, with the command that uses that one", async () => {
    await refused(
      stack,
      /ralph:monitoring\.install +must be none: .* installed not by Pulumi .*pulumi config set --path ralph:monitoring\.install none/,
    );
    await kubectl("delete", "crd", CRD);
  });

  it("is installed before the ServiceMonitor that needs it, and finds every monitor", async () => {
    const { code, stderr, stdout, done } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.ok(await exists("servicemonitor", "ralph-orchestrator", "-n", "monitored"));
    assert.ok(await exists("configmap", "prometheus-config-monitored", "-n", "monitoring"));
    const operator = await kubectl("get", "deployment", "operator", "-n", "monitoring", "-o", "json");
    const { metadata } = JSON.parse(operator.stdout) as { metadata: { annotations: Record<string, string> } };
    assert.equal(metadata.annotations["all-monitors"], "true");

    const order = done.map(({ type }) => type);
    const monitor = order.findIndex((type) => type.endsWith(":ServiceMonitor"));
    const crd = order.findIndex((type) => type.endsWith(":CustomResourceDefinition"));
    assert.ok(crd >= 0 && crd < monitor, `CRD ${crd}, ServiceMonitor ${monitor}`);
  });

  it("changes nothing when it runs again", async () => {
    const { code, stdout } = await stack.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("is refused to another stack, which names the first", async () => {
    const other = await Stack.create({
      namespace: "monitored-too",
      kubeconfig: plane.kubeconfig,
      config: { monitoring: { install: CHART } },
    });
    await refused(other, /must be none: .* installed by stack monitored /);
    await other.remove();
  });

  it("is not removed by ralphctl while others use it, which are named", async () => {
    const monitor = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { name: "theirs", namespace: "default" },
      spec: { selector: {}, endpoints: [] },
    };
    const theirs = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        ...{ name: "prometheus-config-team-b", namespace: "monitoring" },
        labels: { app: "ralph-orchestrator" },
      },
    };
    const items = { apiVersion: "v1", kind: "List", items: [monitor, theirs] };
    await send(JSON.stringify(items), "create", "-f", "-");
    const { code, stderr } = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      new RegExp(
        [
          "stack monitored has installed the Prometheus Operator, and others use it; nothing was changed.",
          "With its custom kinds and its namespace, these would be deleted:",
          "  ServiceMonitor default/theirs",
          "  ConfigMap monitoring/prometheus-config-team-b",
          "Destroy their stacks, or delete them, first;",
        ].join("\\n"),
      ),
    );
    assert.ok(await exists("crd", CRD));
    await kubectl("delete", "servicemonitor", "theirs", "-n", "default");
    await kubectl("delete", "configmap", "prometheus-config-team-b", "-n", "monitoring");
  });

  it("is removed with the stack, including its namespace and custom kind", async () => {
    const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await exists("namespace", "monitoring"), false);
    assert.equal(await exists("crd", CRD), false);
  });
});

/** A Helm repository with one chart in it, under the version that is the default. */
async function serveChart(folder: string): Promise<Server> {
  const version = sections.monitoring.parse(undefined).chartVersion;
  const chart = join(folder, CHART);
  cpSync(join(__dirname, "support/chart"), chart, { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), stringify({ apiVersion: "v2", name: CHART, version }));
  mkdirSync(join(chart, "crds"));
  writeFileSync(join(chart, "crds", "servicemonitor.yaml"), stringify(serviceMonitorCrd()));
  writeFileSync(join(chart, "crds", "prometheusrule.yaml"), stringify(prometheusRuleCrd()));
  const archive = `${CHART}-${version}.tgz`;
  execFileSync("tar", ["-czf", archive, CHART], { cwd: folder });
  const entry = { apiVersion: "v2", name: CHART, version, urls: [archive] };
  const files: Record<string, string | Buffer> = {
    "/index.yaml": stringify({ apiVersion: "v1", entries: { [CHART]: [entry] } }),
    [`/${archive}`]: readFileSync(join(folder, archive)),
  };

  const server = createServer(({ url = "" }, response) => {
    response.statusCode = url in files ? 200 : 404;
    response.end(files[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
