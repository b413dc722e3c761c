/** Proves the warnings of a run: about what is created and yet does not work, with the fix, and about nothing else. */
import assert from "node:assert/strict";
import { z } from "zod";
import { cloud, type CloudName } from "../../clusters";
import { type RalphConfig, schema, warnings } from "../../workload/keys";
import { HOST_KEY, PRIVATE_KEY, REMOTE } from "../support/git";
import { runStack, type StackConfig } from "../support/stack";
import { changed, DEFAULT, DEFAULT_WARNINGS, unusual } from "../support/workload";

const NO_METRICS =
  "The cluster does not serve the metrics API, so ralph-hpa cannot scale: install metrics-server, " +
  "or pulumi config set --path ralph:autoscaling.enabled false";
const NOT_ENFORCED =
  "The cluster does not enforce network policies: Ralph's agents can reach whatever its nodes can reach.";
const noKey = (names: string, agent: string, key: string) =>
  `No API key for ${names} (agent ${agent}): pulumi config set --secret --path ralph:apiKeys.${key}`;

const [, ONE_NODE = ""] = DEFAULT_WARNINGS;

const PROXY = { proxy: { https: "http://proxy.example.com:3128" } };
const SPREAD = { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" };

const CASES: [what: string, config: StackConfig, cluster: StackConfig, warnings: string[]][] = [
  ["no metrics API", {}, { metricsApi: false }, [NO_METRICS]],
  [
    "no metrics API, and nothing that asks for it",
    { autoscaling: { enabled: false } },
    { metricsApi: false },
    [],
  ],
  ["no enforcement", {}, { networkPolicy: { enforced: false } }, [NOT_ENFORCED]],
  [
    "no enforcement, and nothing to enforce",
    { networkPolicy: { enabled: false } },
    { networkPolicy: { enforced: false } },
    [],
  ],
  [
    "no key for one agent",
    { apiKeys: { gemini: "AIza-1" }, tasks: [{ name: "a", agent: "claude", prompt: "task.md" }] },
    {},
    [noKey("a", "claude", "claude")],
  ],
  [
    "no internet, and nothing in its place",
    { networkPolicy: { internet: false } },
    {},
    ["networkPolicy.internet is false and nothing is allowed: Ralph's agents cannot reach their models."],
  ],
  [
    "no internet, but a proxy",
    { networkPolicy: { internet: false, allow: [{ cidr: "10.0.0.5/32", ports: [3128] }] } },
    {},
    [],
  ],
  [
    "a status page without encryption, beside one with a certificate",
    {
      ingress: {
        enabled: true,
        className: "nginx",
        hosts: [{ host: "a.example.com" }, { host: "b.example.com" }],
        tls: [{ hosts: ["b.example.com"] }],
      },
    },
    {},
    [
      "The status page of a.example.com is served without encryption: add a certificate in ingress.tls, or the annotation " +
        "by which the controller takes one.",
    ],
  ],
  [
    "a status page behind a cloud's load balancer, without a login",
    {
      ingress: {
        enabled: true,
        hosts: [{ host: "a.example.com" }],
        tls: [{ hosts: ["a.example.com"] }],
      },
    },
    { ingress: { from: { namespaces: [], cidrs: ["35.191.0.0/16"] } } },
    [
      "Everyone who reaches the host of the status page can read the names of prompts, and what is wrong: " +
        "pulumi config set --path ralph:login.enabled true",
    ],
  ],
  [
    "a status page with a certificate of the cloud's",
    {
      ingress: {
        enabled: true,
        hosts: [{ host: "a.example.com" }],
        annotations: {
          "alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:eu-west-1:1:certificate/a",
          "alb.ingress.kubernetes.io/auth-type": "oidc",
        },
      },
    },
    { ingress: { from: { namespaces: [], cidrs: ["35.191.0.0/16"] } } },
    [],
  ],
  [
    "a token in every pod",
    { serviceAccount: { automountToken: true } },
    {},
    [
      "serviceAccount.automountToken is true: Ralph's agents can read every Secret of the namespace, with the passwords " +
        "of registries and the key of git: pulumi config rm --path ralph:serviceAccount.automountToken",
    ],
  ],
  [
    "a proxy of whose address nothing is known",
    PROXY,
    {},
    [
      "The network policy closes private addresses, and every port but 443 of public ones. If that includes " +
        "proxy.https, proxy.example.com:3128, allow its address: networkPolicy.allow[] {cidr: <address>/32, ports: [3128]}.",
    ],
  ],
  [
    "a proxy that is allowed",
    { ...PROXY, networkPolicy: { allow: [{ cidr: "10.0.0.5/32", ports: [3128] }] } },
    {},
    [],
  ],
  [
    "a spread that the volume does not allow",
    { topologySpreadConstraints: [SPREAD] },
    {},
    [
      "topologySpreadConstraints has no effect: the workers stay on the node of their ReadWriteOnce workspace. " +
        "Set persistence.workspace.accessMode to ReadWriteMany to spread them.",
    ],
  ],
  [
    "a key of a gateway",
    {
      apiKeys: {},
      config: { agent: "claude" },
      tasks: [],
      schedules: [],
      extraEnv: [
        { name: "ANTHROPIC_AUTH_TOKEN", valueFrom: { secretKeyRef: { name: "litellm", key: "key" } } },
      ],
    },
    {},
    [],
  ],
  [
    "variables of another agent",
    {
      apiKeys: {},
      config: { agent: "gemini" },
      tasks: [],
      schedules: [],
      extraEnv: [
        { name: "ANTHROPIC_AUTH_TOKEN", valueFrom: { secretKeyRef: { name: "litellm", key: "key" } } },
      ],
    },
    {},
    [noKey("the worker", "gemini", "gemini")],
  ],
  [
    "variables of a Secret, which are not known",
    { apiKeys: {}, extraEnvFrom: [{ secretRef: { name: "models" } }] },
    {},
    [],
  ],
  ["an existing Secret, whose keys are not known", { apiKeys: { existingSecret: "vault" } }, {}, []],
];

describe("a run warns", () => {
  for (const [what, config, cluster, expected] of CASES) {
    it(`${expected.length > 0 ? "of" : "of nothing with"} ${what}`, async () => {
      assert.deepEqual(unusual((await changed(config, cluster)).warnings), expected);
    });
  }

  it("of every run without a key, once per agent", async () => {
    const { warnings } = await runStack({ config: { ...DEFAULT, apiKeys: undefined } });
    assert.deepEqual(unusual(warnings), [
      noKey("the worker, ralph-daily", "auto", "claude"),
      noKey("ralph-task", "claude", "claude"),
    ]);
  });

  const MANY = { persistence: { workspace: { accessMode: "ReadWriteMany" } } };
  const NO_RUNS = { tasks: [], schedules: [] };
  const HOMES: [what: string, config: StackConfig, warnings: string[]][] = [
    ["of lost results, and of workers that cannot be added", {}, DEFAULT_WARNINGS],
    ["of neither with a workspace that all share", MANY, []],
    [
      "of no lost result that is pushed",
      { git: { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: HOST_KEY } },
      [ONE_NODE],
    ],
    ["of workers that a queue cannot add either", { ...NO_RUNS, autoscaling: { by: "queue" } }, [ONE_NODE]],
    ["of nothing without autoscaling and runs", { ...NO_RUNS, autoscaling: { enabled: false } }, []],
    ["of nothing with one worker at most", { ...NO_RUNS, autoscaling: { maxReplicas: 1 } }, []],
  ];
  for (const [what, config, expected] of HOMES)
    it(what, async () => assert.deepEqual((await changed(config)).warnings, expected));

  const SERVED: [name: CloudName, cluster: object, ingress: object, missing?: string][] = [
    ["eks", {}, { enabled: true }, "the AWS Load Balancer Controller"],
    ["eks", {}, { enabled: true, className: "alb" }],
    ["eks", {}, {}],
    ["aks", {}, { enabled: true }, "ingress-nginx, or ralph:cluster.webAppRouting"],
    ["aks", { webAppRouting: true }, { enabled: true }],
    ["gke", { location: "europe-west1" }, { enabled: true }],
  ];
  for (const [name, cluster, ingress, missing] of SERVED) {
    const what = `${JSON.stringify(ingress)} on ${name} ${JSON.stringify(cluster)}`;
    it(`${missing === undefined ? "of no" : "of a"} controller that is missing for ${what}`, () => {
      const config = z.object(schema).parse({ ingress }) as RalphConfig;
      const { traits, schema: form } = cloud(name);
      const told = warnings(config, traits(form.parse(cluster))).filter((text) => text.includes("Ingress"));
      assert.equal(told.length, missing === undefined ? 0 : 1);
      assert.ok(told.every((text) => text.includes(`install ${missing}.`)));
    });
  }

  it("of a hundred runs in one line", async () => {
    const tasks = Array.from({ length: 100 }, (_, i) => ({ name: `task-${i + 1}`, prompt: "task.md" }));
    const { warnings } = await changed({ apiKeys: undefined, tasks, schedules: [] });
    assert.deepEqual(unusual(warnings), [noKey("the worker, task-1, task-2 and 98 more", "auto", "claude")]);
  });
});
