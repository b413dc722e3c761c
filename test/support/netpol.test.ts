/** Proves that the evaluator decides as the NetworkPolicy API defines, so that its verdicts on our policies count. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { allowed, type Connection, type NetworkPolicy, type Pod } from "./netpol";

const web: Pod = { namespace: "shop", labels: { app: "web" }, ip: "10.1.0.1" };
const db: Pod = { namespace: "shop", labels: { app: "db" }, ip: "10.1.0.2" };
const probe: Pod = {
  namespace: "ops",
  labels: { app: "probe" },
  ip: "10.2.0.1",
  namespaceLabels: { team: "ops" },
};

const policy = (spec: string): NetworkPolicy => ({ metadata: { namespace: "shop" }, spec: parse(spec) });
const DB = "podSelector: {matchLabels: {app: db}}";

/** The verdict of the policies on a connection, by default from web to db, port 5432. */
const CASES: [name: string, specs: string[], connection: Partial<Connection>, verdict: boolean][] = [
  ["no policy closes nothing", [], {}, true],
  ["a policy of another pod closes nothing", ["podSelector: {matchLabels: {app: cache}}"], {}, true],
  ["a selected pod is closed to ingress", [DB], {}, false],
  ["and still open to egress", [DB], { from: db, to: web }, true],
  ["an egress section closes egress", [`{${DB}, egress: []}`], { from: db, to: "1.1.1.1" }, false],
  [
    "an explicit type without a rule closes",
    [`{${DB}, policyTypes: [Egress]}`],
    { from: db, to: web },
    false,
  ],
  ["a type that is not listed stays open", [`{${DB}, policyTypes: [Egress]}`], {}, true],
  ["an empty rule opens everything", [`{${DB}, ingress: [{}]}`], { from: "1.1.1.1" }, true],
  [
    "a pod selector is of the policy's namespace",
    [`{${DB}, ingress: [{from: [{podSelector: {}}]}]}`],
    {},
    true,
  ],
  ["and of no other", [`{${DB}, ingress: [{from: [{podSelector: {}}]}]}`], { from: probe }, false],
  [
    "a namespace is selected by its labels",
    [`{${DB}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}`],
    { from: probe },
    true,
  ],
  [
    "and by its name",
    [`{${DB}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}`],
    { from: probe },
    true,
  ],
  [
    "two selectors in one entry must both match",
    [`{${DB}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}]}]}`],
    { from: probe },
    false,
  ],
  [
    "one of two entries must match",
    [`{${DB}, ingress: [{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: x}}}]}]}`],
    { from: probe },
    true,
  ],
  [
    "all namespaces do not include external addresses",
    [`{${DB}, egress: [{to: [{namespaceSelector: {}}]}]}`],
    { from: db, to: "1.1.1.1" },
    false,
  ],
  [
    "a range except its exceptions",
    [`{${DB}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}`],
    { from: db, to: "10.9.9.9" },
    false,
  ],
  [
    "the rest of that range",
    [`{${DB}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}`],
    { from: db, to: "1.1.1.1" },
    true,
  ],
  [
    "an IPv4 range does not match IPv6 addresses",
    [`{${DB}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`],
    { from: db, to: "2606:4700::1111" },
    false,
  ],
  ["a port", [`{${DB}, ingress: [{ports: [{port: 5432}]}]}`], {}, true],
  ["another port", [`{${DB}, ingress: [{ports: [{port: 5433}]}]}`], {}, false],
  ["another protocol", [`{${DB}, ingress: [{ports: [{port: 5432}]}]}`], { protocol: "UDP" }, false],
  ["a range of ports", [`{${DB}, ingress: [{ports: [{port: 5000, endPort: 6000}]}]}`], {}, true],
  ["a protocol without a port", [`{${DB}, ingress: [{ports: [{protocol: TCP}]}]}`], {}, true],
  ["policies add up", [DB, `{${DB}, ingress: [{}]}`], {}, true],
  ["both ends must agree", [`{${DB}, ingress: [{}]}`, "{podSelector: {}, egress: []}"], {}, false],
  [
    "expressions",
    [
      `{${DB}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [web]},
        {key: app, operator: Exists}, {key: old, operator: DoesNotExist},
        {key: app, operator: NotIn, values: [db]}]}}]}]}`,
    ],
    {},
    true,
  ],
  [
    "an expression that does not match",
    [
      `{${DB}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]}]}`,
    ],
    {},
    false,
  ],
];

describe("the evaluator of network policies", () => {
  for (const [name, specs, connection, verdict] of CASES) {
    it(`${verdict ? "opens" : "closes"}: ${name}`, () => {
      assert.equal(allowed(specs.map(policy), { from: web, to: db, port: 5432, ...connection }), verdict);
    });
  }

  it("throws on what it cannot evaluate", () => {
    const named = policy(`{${DB}, ingress: [{ports: [{port: postgres}]}]}`);
    assert.throws(() => allowed([named], { from: web, to: db, port: 5432 }), /port postgres/);
  });
});
