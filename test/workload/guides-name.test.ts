/**
 * Proves whose object may keep the guide's name in a namespace that all stacks of a cluster share: this stack's, or none;
 * one of a stack of release 0.1.0 for another namespace is named, with the command that frees the name. With the contents
 * that this program writes. shared-cluster.test.ts meets such an object on a real API server.
 */
import assert from "node:assert/strict";

import type * as pulumi from "@pulumi/pulumi";
import { readConfig } from "../../stack";
import { Ralph } from "../../workload";
import type { RalphConfig } from "../../workload/keys";
import { applicationOf, guidesName, scrapeConfigOf } from "../../workload/guides-name";
import { BASE } from "../support/base";
import { runStack } from "../support/stack";

const CONFIG_MAP = "/api/v1/namespaces/monitoring/configmaps/prometheus-config";
const APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/ralph-orchestrator";

const scrapes = (namespace: string) => ({
  data: {
    "prometheus.yml": `scrape_configs:\n  - job_name: ralph-orchestrator\n    kubernetes_sd_configs:\n      - role: pod\n        namespaces:\n          names:\n            - ${namespace}\n`,
  },
});
const deploys = (namespace: string) => ({ spec: { destination: { namespace } } });

describe("the guide's name of an object that stacks share", () => {
  const up = (namespace: string, objects: Readonly<Record<string, object>>): Promise<unknown> =>
    runStack({
      config: {
        ...BASE,
        namespace,
        argocd: { enabled: true, repoURL: "https://git.example.com/a.git", path: "k8s" },
      },
      program: () => {
        const { ralph, traits } = readConfig();
        const read = async <T>(path: string) => objects[path] as T | undefined;
        const workload = new Ralph("ralph", { config: ralph, traits, image: "i", read });
        return { namespace: workload.namespace as pulumi.Output<unknown> };
      },
    });

  for (const [what, objects] of [
    ["no one's", {}],
    [
      "this stack's",
      { [CONFIG_MAP]: scrapes("ralph-orchestrator"), [APPLICATION]: deploys("ralph-orchestrator") },
    ],
    ["someone else's, which the provider reports", { [CONFIG_MAP]: { data: { "prometheus.yml": "a: b" } } }],
  ] as const)
    it(`is used if it is ${what}`, async () => void (await up("ralph-orchestrator", objects)));

  it("is not looked at by a stack of another namespace", async () =>
    void (await up("team-b", { [CONFIG_MAP]: scrapes("team-z") })));

  for (const [path, object, key, taken] of [
    [CONFIG_MAP, scrapes("team-z"), "ralph:monitoring.prometheusConfig", scrapeConfigOf("ralph")],
    [APPLICATION, deploys("team-z"), "ralph:argocd.enabled", applicationOf("ralph", "argocd")],
  ] as const)
    it(`is refused if a stack of an earlier release has it: ${path}`, async () => {
      const read = async <T>(asked: string) => (asked === path ? (object as T) : undefined);
      const config = { namespace: "ralph-orchestrator" } as RalphConfig;
      const named = guidesName({ config, read }, "n", taken) as unknown as { promise(): Promise<string> };
      const old = "--stack <stack of namespace team-z>";
      const fix = `pulumi destroy --target '**::${taken.problem.logicalName}' ${old} && pulumi up ${old}`;
      await assert.rejects(named.promise(), ({ message }: Error) => {
        assert.match(message, new RegExp(`${key} +needs .* for namespace team-z`));
        return message.includes(fix);
      });
    });
});
