/**
 * Proves the policy that names hosts: its manifest on each cloud that has one, that no address of the internet stays open
 * beside it, the switch of the cluster that it needs, and the warning for a host that the configuration needs. (Which
 * configurations are refused: test/support/bad-configs/exposed.ts.)
 */
import assert from "node:assert/strict";
import type { RalphConfig } from "../../workload/keys";
import { names, neededHosts } from "../../workload/keys/needed-hosts";
import { MINIMAL, onlyPrograms, run as runAks } from "../support/aks";
import { PUBLIC, run as runGke, withPrograms } from "../support/gke";
import type { StackRun } from "../support/stack";
import { KIND, manifest } from "../support/workload";

const METADATA = `
        metadata:
          name: ralph-host-policy
          namespace: ralph-orchestrator
          annotations: { pulumi.com/deletionPropagationPolicy: background }
          labels: { app: ralph-orchestrator, app.kubernetes.io/name: ralph-orchestrator }`;
const hosts = ["api.anthropic.com", "*.example.com"];
const ralph = { networkPolicy: { hosts } };

/** The ports that the NetworkPolicy opens to each set of addresses. */
const openTo = (run: StackRun, cidr: string): unknown[] =>
  (run.find(KIND.networkPolicy, "ralph-network-policy").inputs.spec.egress as Rule[])
    .filter(({ to }) => to.some(({ ipBlock }) => ipBlock?.cidr === cidr))
    .flatMap(({ ports }) => ports.map(({ port }) => port));
interface Rule {
  readonly to: { readonly ipBlock?: { readonly cidr: string } }[];
  readonly ports: { readonly port: number }[];
}

describe("networkPolicy.hosts", () => {
  withPrograms();

  it("is an FQDNNetworkPolicy on GKE, which stays switched on", async () => {
    const run = await runGke({ ...PUBLIC, hostPolicies: true }, ralph);
    assert.deepEqual(
      run.find("kubernetes:networking.gke.io/v1alpha1:FQDNNetworkPolicy", "ralph-host-policy").inputs,
      manifest(`
        apiVersion: networking.gke.io/v1alpha1
        kind: FQDNNetworkPolicy${METADATA}
        spec:
          podSelector: { matchLabels: { app: ralph-orchestrator } }
          egress:
            - matches: [{ name: api.anthropic.com }, { pattern: "*.example.com" }]
              ports: [{ protocol: TCP, port: 443 }]
      `),
    );
    assert.deepEqual(openTo(run, "0.0.0.0/0"), []);
    const cluster = run.find("gcp:container/cluster:Cluster", "cluster-gke");
    assert.equal(cluster.inputs.enableFqdnNetworkPolicy, true);
    const without = await runGke();
    assert.deepEqual(openTo(without, "0.0.0.0/0"), [443]);
    const kept = without.find("gcp:container/cluster:Cluster", "cluster-gke");
    assert.equal(kept.inputs.enableFqdnNetworkPolicy, undefined);
    assert.ok(kept.ignoreChanges.includes("enableFqdnNetworkPolicy"));
    assert.ok(!cluster.ignoreChanges.includes("enableFqdnNetworkPolicy"));
  });

  it("is a CiliumNetworkPolicy on AKS, with the services that it needs", async () => {
    const restore = onlyPrograms("kubelogin", "az");
    const cluster = { ...MINIMAL, hostPolicies: true };
    const run = await runAks(cluster, { config: { cloud: "aks", cluster, ...ralph } }).finally(restore);
    assert.deepEqual(
      run.find("kubernetes:cilium.io/v2:CiliumNetworkPolicy", "ralph-host-policy").inputs,
      manifest(`
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy${METADATA}
        spec:
          endpointSelector: { matchLabels: { app: ralph-orchestrator } }
          egress:
            - toEndpoints:
                - matchLabels: { k8s:io.kubernetes.pod.namespace: kube-system, k8s:k8s-app: kube-dns }
              toPorts:
                - ports: [{ port: "53", protocol: ANY }]
                  rules: { dns: [{ matchPattern: "*" }] }
            - toFQDNs: [{ matchName: api.anthropic.com }, { matchPattern: "*.example.com" }]
              toPorts: [{ ports: [{ port: "443", protocol: TCP }] }]
      `),
    );
    assert.deepEqual(openTo(run, "0.0.0.0/0"), []);
    const { networkProfile } = run.find("azure-native:containerservice:ManagedCluster", "cluster").inputs;
    assert.deepEqual(networkProfile.advancedNetworking, {
      enabled: true,
      security: { enabled: true, advancedNetworkPolicies: "FQDN" },
    });
  });

  it("is refused where the cluster could serve it, and does not", async () => {
    await assert.rejects(
      runGke(PUBLIC, ralph),
      /ralph:cluster\.hostPolicies +is missing: networkPolicy\.hosts needs it +pulumi config set --path ralph:cluster\.hostPolicies true/,
    );
  });

  it("exists before the pods, and a host that they need and the list lacks causes a warning", async () => {
    const run = await runGke(
      { ...PUBLIC, hostPolicies: true },
      { networkPolicy: { hosts: ["*.example.com"] } },
    );
    const { urn } = run.find("kubernetes:networking.gke.io/v1alpha1:FQDNNetworkPolicy", "ralph-host-policy");
    for (const { name, dependencies } of run.ofType(KIND.job)) assert.ok(dependencies.includes(urn), name);
    assert.deepEqual(
      run.warnings.filter((text) => text.includes("networkPolicy.hosts")),
      [
        "networkPolicy.hosts lacks api.anthropic.com, which this configuration needs: pulumi config set --path " +
          "'ralph:networkPolicy.hosts[1]' api.anthropic.com",
      ],
    );
  });

  const base = {
    apiKeys: {},
    models: { claude: { via: "anthropic" }, gemini: { via: "google" }, grant: true },
    config: { agent: "auto" },
    tasks: [],
    schedules: [],
    source: { pullRequest: {} },
    git: {},
    extraEnv: [],
    telemetry: {},
  };
  const vertex = (region?: string) => ({
    via: "vertex",
    project: "p",
    ...(region === undefined ? {} : { region }),
  });
  const cases: [what: string, given: object, needs: string[]][] = [
    ["nothing without a key", {}, []],
    ["those of the agents with a key", { apiKeys: { gemini: "k" } }, ["generativelanguage.googleapis.com"]],
    ["that of the named agent", { config: { agent: "claude" } }, ["api.anthropic.com"]],
    ["that of a task's agent", { tasks: [{ agent: "claude" }] }, ["api.anthropic.com"]],
    [
      "that of a gateway",
      {
        config: { agent: "claude" },
        extraEnv: [{ name: "ANTHROPIC_BASE_URL", value: "https://llm.example.com/v1" }],
      },
      ["llm.example.com"],
    ],
    [
      "Bedrock's in its region",
      { models: { ...base.models, claude: { via: "bedrock", region: "eu-west-1" } } },
      ["bedrock-runtime.eu-west-1.amazonaws.com"],
    ],
    [
      "Vertex's, once for both agents",
      { models: { ...base.models, claude: vertex(), gemini: vertex() } },
      ["aiplatform.googleapis.com"],
    ],
    [
      "Vertex's in a region",
      { models: { ...base.models, gemini: vertex("europe-west4") } },
      ["europe-west4-aiplatform.googleapis.com"],
    ],
    [
      "Foundry's, and Entra ID",
      { models: { ...base.models, claude: { via: "foundry", resource: "Acme" } } },
      ["acme.services.ai.azure.com", "login.microsoftonline.com"],
    ],
    [
      "the git servers, and GitHub's API for pull requests",
      {
        source: { repository: "https://github.com/o/n.git", pullRequest: { enabled: true } },
        tasks: [{ source: { repository: "git@git.example.com:o/n", pullRequest: {} } }],
      },
      ["github.com", "git.example.com", "api.github.com"],
    ],
    [
      "those of the other agents, each with a key",
      { apiKeys: { q: "k", codex: "k", opencode: "k", copilot: "k", amp: "k" } },
      ["api.openai.com", "opencode.ai", "api.github.com", "*.githubcopilot.com", "ampcode.com"],
    ],
    [
      "that of the vendor of OpenCode's model",
      { config: { agent: "opencode", model: "openai/gpt-5.2" } },
      ["api.openai.com"],
    ],
    [
      "none of OpenAI's for a Codex with another provider",
      { config: { agent: "codex", agentArgs: ["-c", 'openai_base_url="https://llm.example.com"'] } },
      [],
    ],
    [
      "no name of a gateway in the cluster",
      {
        config: { agent: "claude" },
        extraEnv: [{ name: "ANTHROPIC_BASE_URL", value: "http://litellm.models.svc:4000" }],
      },
      [],
    ],
    [
      "that of a collector on the internet",
      { telemetry: { otlp: { endpoint: "https://otlp.example.com" } } },
      ["otlp.example.com"],
    ],
    [
      "none of a collector in the cluster",
      { telemetry: { otlp: { endpoint: "https://collector.tracing.svc:443" } } },
      [],
    ],
  ];
  for (const [what, given, needs] of cases)
    it(`needs ${what}`, () => {
      const values = { ...base, ...given } as unknown as RalphConfig;
      assert.deepEqual(neededHosts(values), needs);
    });

  it("knows a host by its name or by its domain", () => {
    const list = ["github.com", "*.example.com"];
    const known = ["github.com", "api.github.com", "packages.example.com", "example.com", "evilexample.com"];
    assert.deepEqual(
      known.filter((host) => names(list, host)),
      ["github.com", "packages.example.com"],
    );
    assert.ok(names(["api.business.githubcopilot.com"], "*.githubcopilot.com"));
  });
});
