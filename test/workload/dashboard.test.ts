/**
 * Proves the Grafana dashboard: the ConfigMap that Grafana's sidecar finds, a layout without overlaps, and that every query
 * selects what the runner or Kubernetes exports. The queries run on a real Prometheus in test/engine/runner-prometheus.test.ts.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { dashboardOfToday, drawnOf, shownIn } from "../nightly/dashboard/picture";
import { runnerMetrics, selections, unknownSeries } from "../support/expressions";
import type { StackConfig } from "../support/stack";
import { changed, defaults, KIND, manifest } from "../support/workload";

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string; readonly refId: string }[];
  }[];
}

const object = async (config: StackConfig) =>
  (await changed(config)).find(KIND.configMap, "ralph-dashboard").inputs;
const parsed = async (config: StackConfig): Promise<Dashboard> =>
  JSON.parse(Object.values((await object(config)).data as Record<string, string>)[0] ?? "") as Dashboard;

describe("ConfigMap ralph-dashboard", () => {
  it("is found by Grafana's sidecar, under a file name of its own", async () => {
    const { data, ...rest } = (await defaults()).find(KIND.configMap, "ralph-dashboard").inputs;
    assert.deepEqual(
      rest,
      manifest(`
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: ralph-dashboard
          namespace: ralph-orchestrator
          labels:
            grafana_dashboard: "1"
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
      `),
    );
    assert.deepEqual(Object.keys(data as object), ["ralph-orchestrator.json"]);
  });

  it("is what the picture in the docs shows", async () => {
    const picture = readFileSync("docs/dashboard.svg", "utf8");
    const { panels } = await dashboardOfToday();
    const hint = "the dashboard has changed: npm run dashboard-picture";
    assert.deepEqual(shownIn(picture), panels.map(drawnOf), hint);
    assert.ok(picture.length < 150_000);
  });

  it("shows a word where a query without an answer is good news", async () => {
    const { panels } = await dashboardOfToday();
    assert.deepEqual(
      panels.flatMap(({ title, fieldConfig: { defaults } }) =>
        defaults.noValue === undefined ? [] : [[title, defaults.noValue]],
      ),
      [["Model API", "available"]],
    );
  });

  it("is another dashboard for another stack", async () => {
    const one = await parsed({});
    const other = await parsed({ namespace: "team-a" });
    assert.notEqual(one.uid, other.uid);
    assert.ok(one.uid.length <= 40);
    assert.deepEqual([one.title, other.title], ["Ralph (ralph-orchestrator)", "Ralph (team-a)"]);
  });

  it("takes the labels of another sidecar, and is switched off by its key, all monitoring, or without metrics", async () => {
    const { metadata } = await object({
      monitoring: { dashboards: { labels: { "team/dashboard": "yes" } } },
    });
    assert.deepEqual(metadata.labels, {
      "team/dashboard": "yes",
      app: "ralph-orchestrator",
      "app.kubernetes.io/name": "ralph-orchestrator",
    });
    for (const config of [
      { monitoring: { dashboards: { enabled: false } } },
      { monitoring: { enabled: false } },
      { config: { enableMetrics: false }, monitoring: { serviceMonitor: { enabled: false } } },
    ]) {
      const found = (await changed(config)).ofType(KIND.configMap).map(({ name }) => name);
      assert.ok(!found.includes("ralph-dashboard"), JSON.stringify(config));
    }
  });

  it("queries only what exists, in its own namespace", async () => {
    const runner = await runnerMetrics();
    for (const { title, targets } of (await parsed({ namespace: "team-a" })).panels)
      for (const { expr } of targets) {
        assert.ok(selections(expr).length > 0, title);
        assert.deepEqual(unknownSeries(expr, runner, "team-a"), [], title);
      }
  });

  it("fills the width of 24 columns row by row, without overlaps", async () => {
    const { panels } = await parsed({});
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length, "no cell twice");
    const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
    assert.equal(cells.length, 24 * bottom, "no gap");
  });
});
