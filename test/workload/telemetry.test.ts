/**
 * Proves what `ralph:telemetry` makes: the variables of the runner, the Secret of the headers, which reach nothing else, a
 * restart of the workers when they change, and a network policy that opens the collector and nothing more; and that a
 * collector is refused that the policy closes.
 */
import assert from "node:assert/strict";

import type { StackConfig } from "../support/stack";
import { changed, defaults, KIND, unusual } from "../support/workload";

const CANARY = "canary-otlp-token";
const otlp = (own: object = {}) => ({ telemetry: { otlp: { endpoint: "http://203.0.113.7:4318", ...own } } });
const HEADERS = otlp({ headers: { authorization: `Bearer ${CANARY}`, "x-tenant": "a,b" } });

interface Egress {
  readonly to: readonly { readonly ipBlock?: { readonly cidr: string } }[];
  readonly ports: readonly { readonly port: number }[];
}
interface Variable {
  readonly name: string;
}

describe("telemetry", () => {
  it("is off by default", async () => {
    const { find } = await defaults();
    const { data } = find(KIND.configMap, "ralph-config").inputs;
    assert.deepEqual(
      Object.keys(data as object).filter((name) => name.includes("OTLP")),
      [],
    );
  });

  it("passes the collector to the runner", async () => {
    const { find } = await changed(otlp({ metrics: false, protocol: "http/json" }));
    const { data } = find(KIND.configMap, "ralph-config").inputs;
    assert.deepEqual(
      Object.fromEntries(Object.entries(data as object).filter(([name]) => name.includes("OTLP"))),
      {
        RALPH_OTLP_ENDPOINT: "http://203.0.113.7:4318",
        RALPH_OTLP_PROTOCOL: "http/json",
        RALPH_OTLP_SIGNALS: "traces,logs",
        RALPH_OTLP_ATTRIBUTES: "k8s.namespace.name=ralph-orchestrator",
      },
    );
  });

  it("has headers in one Secret, which the pods of agents read, and which restart the workers", async () => {
    const stack = await changed(HEADERS);
    const secret = stack.find("kubernetes:core/v1:Secret", "ralph-telemetry").inputs;
    assert.deepEqual(secret.stringData, {
      RALPH_OTLP_HEADERS: `authorization=Bearer%20${CANARY},x-tenant=a%2Cb`,
    });
    const holders = stack.resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual(
      holders.map(({ type, name }) => `${type} ${name}`),
      ["kubernetes:core/v1:Secret ralph-telemetry"],
    );
    const pod = (type: string, name: string) => stack.find(type, name).inputs.spec;
    const { template } = pod(KIND.deployment, "ralph");
    const { env } = template.spec.containers[0] as { env: Variable[] };
    assert.deepEqual(
      env.filter(({ name }) => name.includes("OTLP")),
      [
        {
          name: "RALPH_OTLP_HEADERS",
          valueFrom: { secretKeyRef: { name: "ralph-telemetry", key: "RALPH_OTLP_HEADERS" } },
        },
      ],
    );
    const other = (await changed(otlp({ headers: { authorization: "Bearer another" } }))).find(
      KIND.deployment,
      "ralph",
    ).inputs.spec.template;
    const sum = "checksum/secrets";
    assert.notEqual(template.metadata.annotations[sum], other.metadata.annotations[sum]);
  });

  it("opens exactly the collector's address", async () => {
    const rules = async (config: StackConfig): Promise<Egress[]> =>
      (await changed(config)).find(KIND.networkPolicy, "ralph-network-policy").inputs.spec.egress;
    const before = (await rules({})).map((each) => JSON.stringify(each));
    const added = (await rules(otlp())).filter((each) => !before.includes(JSON.stringify(each)));
    assert.deepEqual(added, [
      { to: [{ ipBlock: { cidr: "203.0.113.7/32" } }], ports: [{ protocol: "TCP", port: 4318 }] },
    ]);
    const named = await rules(otlp({ endpoint: "https://otlp.example.com" }));
    assert.deepEqual(
      named.map((each) => JSON.stringify(each)),
      before,
    );
  });

  const POLICY = /the network policy closes telemetry\.otlp\.endpoint/;
  for (const [endpoint, networkPolicy, rule, fix] of [
    [
      "http://collector.tracing.svc:4318",
      {},
      POLICY,
      "pulumi config set --path 'ralph:networkPolicy.allowPods[0].namespace' tracing",
    ],
    [
      "http://collector:4318",
      {},
      POLICY,
      "pulumi config set --path 'ralph:networkPolicy.allowPods[0].namespace' ralph-orchestrator",
    ],
    ["https://otlp.example.com:4318", {}, POLICY, "<address of otlp.example.com>/32"],
    ["https://otlp.example.com", { internet: false }, POLICY, "<address of otlp.example.com>/32"],
    ["http://203.0.113.7:4318", { deny: ["203.0.113.0/24"] }, /lies in 203\.0\.113\.0\/24/, ""],
    ["http://203.0.113.7:4318/v1/traces", {}, /must be the base address, without \/v1\/traces/, ""],
    ["http://user@203.0.113.7:4318", {}, /must be an address such as/, ""],
  ] as const)
    it(`refuses ${endpoint} with ${JSON.stringify(networkPolicy)}`, async () => {
      await assert.rejects(changed({ ...otlp({ endpoint }), networkPolicy }), (error: Error) => {
        assert.match(error.message, rule);
        assert.ok(error.message.includes(fix), error.message);
        return true;
      });
    });

  for (const [endpoint, networkPolicy] of [
    ["http://collector.tracing.svc:4318", { allowPods: [{ namespace: "tracing", ports: [4318] }] }],
    ["http://collector.tracing:4318", { enabled: false }],
    ["https://otlp.example.com:4318", { allow: [{ cidr: "198.51.100.0/24", ports: [4318] }] }],
    ["http://[2001:db8::7]:4318", {}],
  ] as const)
    it(`accepts ${endpoint} with ${JSON.stringify(networkPolicy)}`, async () => {
      const { warnings } = await changed({ ...otlp({ endpoint }), networkPolicy });
      assert.deepEqual(
        unusual(warnings).filter((text) => text.includes("telemetry")),
        [],
      );
    });
});
