/**
 * Proves that an alert of the program's own rules reaches a person: the real Prometheus scrapes the real runner and
 * evaluates the rules, with their waits shortened, and the real Alertmanager, with the configuration of
 * docs/monitoring.md, tells a receiver when the workers are gone, and when they are back.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { parse, stringify } from "yaml";

import { type Child, start } from "../engine/support/children";
import { freePort, type Prometheus, prometheusOrSkip } from "../engine/support/prometheus";
import { type Pod, ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";
import { block } from "../support/markdown";
import { defaults, KIND } from "../support/workload";
import { programsOrSkip } from "./go-programs";

const NAMESPACE = "ralph-orchestrator";

interface Message {
  readonly status: "firing" | "resolved";
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

describe("the alerts of the program", () => {
  let programs: Prometheus;
  let alertmanager: string;
  let box: Sandbox;
  let receiver: Server;
  const received: Message[] = [];
  const children: Child[] = [];

  before(async function () {
    const ralph = await ralphOrSkip(this);
    programs = await prometheusOrSkip(this);
    const { folder } = await programsOrSkip(this, "alertmanager", "0.31.1", [
      "github.com/prometheus/alertmanager/cmd/alertmanager",
    ]);
    alertmanager = join(folder, "alertmanager");
    box = new Sandbox(ralph);
    receiver = createServer((request, response) => {
      void json(request).then((message) => {
        received.push(message as Message);
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    for (const child of children) child.kill();
    await Promise.all(children.map(({ result }) => result));
    await box?.remove();
    receiver?.close();
  });

  const put = (name: string, content: object): string => {
    writeFileSync(box.path(name), stringify(content));
    return box.path(name);
  };
  const launch = (program: string, ...args: string[]): void =>
    void children.push(start(program, args, { cwd: box.root, env: process.env }));

  /** Scrapes the worker as its pod, and evaluates the program's rules every second. */
  async function watch(worker: Pod, alerts: string): Promise<void> {
    const { spec } = (await defaults()).find(KIND.prometheusRule, "ralph-prometheusrule").inputs;
    const { groups } = spec as { groups: { rules: { for?: string }[] }[] };
    const soon = groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => (rule.for === undefined ? rule : { ...rule, for: "1s" })),
    }));
    const config = put("prometheus.yml", {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [put("rules.yml", { groups: soon })],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alerts] }] }] },
      scrape_configs: [
        {
          job_name: "ralph",
          static_configs: [
            { targets: [`127.0.0.1:${worker.port}`], labels: { namespace: NAMESPACE, pod: "worker" } },
          ],
        },
      ],
    });
    launch(
      programs.prometheus,
      `--config.file=${config}`,
      `--storage.tsdb.path=${box.path("data")}`,
      `--web.listen-address=127.0.0.1:${await freePort()}`,
    );
  }

  it("reach the receiver of docs/monitoring.md, when one fires and when it is over", async () => {
    const example = parse(
      block(readFileSync("docs/monitoring.md", "utf8"), "alertmanager").replace(/^```\w*$/gm, ""),
    ) as {
      route: object;
      receivers: { webhook_configs: { url: string }[] }[];
    };
    const webhook = example.receivers[0]?.webhook_configs[0] ?? assert.fail("no webhook");
    webhook.url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    Object.assign(example.route, { group_wait: "1s", group_interval: "1s" });
    const alerts = `127.0.0.1:${await freePort()}`;
    launch(
      alertmanager,
      `--config.file=${put("alertmanager.yml", example)}`,
      `--storage.path=${box.path("alerts")}`,
      `--web.listen-address=${alerts}`,
      "--cluster.listen-address=",
    );
    const worker = await box.start([], { RALPH_AGENT: "smoke" });
    await until(
      "the worker has metrics",
      async () => (await worker.metric("ralph_prompts"))['state="pending"'] === 0,
    );
    await watch(worker, alerts);

    const delivered = (status: Message["status"]): Promise<Message> =>
      until(`the receiver has heard: ${status}`, () =>
        received.find(
          (message) =>
            message.status === status && message.alerts[0]?.labels.alertname === "RalphWorkersGone",
        ),
      );
    worker.child.kill();
    const { labels, annotations } = (await delivered("firing")).alerts[0] ?? assert.fail();
    assert.equal(labels.severity, "critical");
    assert.equal(labels.namespace, NAMESPACE);
    assert.equal(annotations.summary, "No worker of Ralph has reported for 10 minutes.");
    assert.match(annotations.runbook_url ?? "", /docs\/monitoring\.md#ralphworkersgone$/);
    await box.start([], { RALPH_AGENT: "smoke", RALPH_METRICS_PORT: String(worker.port) });
    await delivered("resolved");
  });
});
