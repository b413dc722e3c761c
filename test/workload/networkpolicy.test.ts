/**
 * Proves the network policy as a manifest, and which connections it allows: a truth table for an evaluator that
 * follows the API's semantics (test/support/netpol.ts).
 */
import assert from "node:assert/strict";
import type { StackConfig } from "../support/stack";
import { allowed, type Connection, type Endpoint, type NetworkPolicy, type Pod } from "../support/netpol";
import { changed, defaults, everything, KIND, manifest, podOf } from "../support/workload";

const policies = (run: Awaited<ReturnType<typeof defaults>>): NetworkPolicy[] =>
  run.ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
const withPolicy = async (networkPolicy: StackConfig, cluster?: StackConfig) =>
  policies(await changed({ networkPolicy }, cluster));

const pod = (namespace: string, labels: Record<string, string>): Pod => ({
  namespace,
  labels,
  ip: "10.244.1.7",
});
const worker = pod("ralph-orchestrator", {
  app: "ralph-orchestrator",
  "app.kubernetes.io/component": "worker",
});
const prometheus = pod("monitoring", { app: "prometheus" });
const controller = pod("ingress-nginx", { app: "nginx" });
const stranger = pod("default", { app: "ralph-orchestrator" });
const neighbour = pod("ralph-orchestrator", { app: "postgres" });
const dns = pod("kube-system", { "k8s-app": "kube-dns" });
const kubeSystem = pod("kube-system", { "k8s-app": "dashboard" });

const to = (target: Endpoint, port: number, protocol: "TCP" | "UDP" = "TCP"): Connection => ({
  from: worker,
  to: target,
  port,
  protocol,
});
const from = (source: Endpoint, port = 8080): Connection => ({ from: source, to: worker, port });

describe("NetworkPolicy ralph-network-policy", () => {
  it("is the guide's, with the internet as address ranges and namespaces by their own label", async () => {
    assert.deepEqual(
      (await defaults()).find(KIND.networkPolicy, "ralph-network-policy").inputs,
      manifest(`
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: ralph-network-policy
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          podSelector:
            matchLabels:
              app: ralph-orchestrator
          policyTypes: [Ingress, Egress]
          ingress:
            - from:
                - namespaceSelector:
                    matchLabels:
                      kubernetes.io/metadata.name: monitoring
              ports:
                - { protocol: TCP, port: 8080 }
          egress:
            - to:
                - namespaceSelector:
                    matchLabels:
                      kubernetes.io/metadata.name: kube-system
                  podSelector:
                    matchLabels:
                      k8s-app: kube-dns
                - namespaceSelector:
                    matchLabels:
                      kubernetes.io/metadata.name: kube-system
                  podSelector:
                    matchLabels:
                      k8s-app: node-local-dns
              ports:
                - { protocol: UDP, port: 53 }
                - { protocol: TCP, port: 53 }
            - to:
                - ipBlock:
                    cidr: 0.0.0.0/0
                    except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16]
                - ipBlock:
                    cidr: ::/0
                    except: [fc00::/7, fe80::/10]
              ports:
                - { protocol: TCP, port: 443 }
      `),
    );
  });

  const table: [verdict: "open" | "closed", what: string, connection: Connection][] = [
    ["open", "the API of a model", to("160.79.104.10", 443)],
    ["open", "the API of a model, by IPv6", to("2607:6bc0::10", 443)],
    ["open", "the cluster's resolver, UDP", to(dns, 53, "UDP")],
    ["open", "the cluster's resolver, TCP", to(dns, 53)],
    ["open", "a resolver on the node", to(pod("kube-system", { "k8s-app": "node-local-dns" }), 53, "UDP")],
    ["closed", "a pod that calls itself a resolver", to(pod("default", dns.labels), 53, "UDP")],
    ["closed", "a resolver on the internet", to("8.8.8.8", 53, "UDP")],
    ["closed", "another port of the resolver", to(dns, 9153)],
    ["closed", "another pod of kube-system", to(kubeSystem, 443)],
    ["closed", "the internet without encryption", to("160.79.104.10", 80)],
    ["closed", "SSH on the internet", to("140.82.112.3", 22)],
    ["closed", "HTTPS over UDP", to("160.79.104.10", 443, "UDP")],
    ...[80, 443].flatMap((port): [verdict: "closed", what: string, connection: Connection][] => [
      ["closed", `the metadata server, port ${port}`, to("169.254.169.254", port)],
      ["closed", `EC2's metadata server by IPv6, port ${port}`, to("fd00:ec2::254", port)],
      ["closed", `pod identity of EKS, port ${port}`, to("169.254.170.23", port)],
    ]),
    ["closed", "a private address, 10/8", to("10.0.0.1", 443)],
    ["closed", "a private address, 172.16/12", to("172.31.255.254", 443)],
    ["open", "the address after that range", to("172.32.0.1", 443)],
    ["closed", "a private address, 192.168/16", to("192.168.1.1", 443)],
    ["closed", "a carrier's address", to("100.64.0.1", 443)],
    ["closed", "a private address by IPv6", to("fd12::1", 443)],
    ["closed", "a link-local address by IPv6", to("fe80::1", 443)],
    ["closed", "a pod of another namespace", to(stranger, 443)],
    ["closed", "a neighbour of the same namespace", to(neighbour, 443)],
    ["open", "Prometheus, at the metrics", from(prometheus)],
    ["closed", "Prometheus, at another port", from(prometheus, 8081)],
    ["closed", "a pod of another namespace, at the metrics", from(stranger)],
    ["closed", "a neighbour, at the metrics", from(neighbour)],
    ["closed", "the internet, at the metrics", from("203.0.113.9")],
    ["closed", "the ingress controller, without an ingress", from(controller)],
  ];
  for (const [verdict, what, connection] of table) {
    it(`${verdict}: ${what}`, async () => {
      assert.equal(allowed(policies(await defaults()), connection), verdict === "open");
    });
  }

  it("applies to the pods of Jobs and CronJobs as to workers", async () => {
    const run = await defaults();
    for (const owner of [KIND.deployment, KIND.job, KIND.cronJob].flatMap(run.ofType)) {
      const own = pod("ralph-orchestrator", podOf(owner).metadata.labels);
      assert.equal(allowed(policies(run), { from: own, to: "169.254.169.254", port: 80 }), false);
      assert.equal(allowed(policies(run), { from: own, to: "160.79.104.10", port: 443 }), true);
    }
  });

  it("admits the ingress controller if there is an Ingress, from the namespaces and ranges of the cluster", async () => {
    const byDefault = policies(await everything());
    assert.equal(allowed(byDefault, from(controller, 8081)), true);
    assert.equal(allowed(byDefault, from(controller)), false, "the metrics");
    assert.equal(allowed(byDefault, from(stranger, 8081)), false);
    assert.equal(allowed(byDefault, from(prometheus, 8081)), false);

    const ingress = { enabled: true, hosts: [{ host: "ralph.example.com" }] };
    const cluster = { ingress: { from: { namespaces: [], cidrs: ["35.191.0.0/16"] } } };
    const balancer = policies(await changed({ ingress }, cluster));
    assert.equal(allowed(balancer, from("35.191.3.4", 8081)), true);
    assert.equal(allowed(balancer, from("35.192.0.1", 8081)), false);
    assert.equal(allowed(balancer, from(controller, 8081)), false);
    assert.equal(allowed(policies(await changed({}, cluster)), from("35.191.3.4", 8081)), false);
  });

  it("admits a controller of another class from the namespaces and ranges of the stack", async () => {
    const ingress = {
      ...{ enabled: true, className: "traefik", hosts: [{ host: "ralph.example.com" }] },
      from: { namespaces: ["traefik"], cidrs: ["10.9.0.0/24"] },
    };
    const cluster = { ingress: { from: { namespaces: [], cidrs: ["35.191.0.0/16"] } } };
    const made = policies(await changed({ ingress }, cluster));
    for (const source of [pod("traefik", {}), "10.9.0.7", "35.191.3.4"]) {
      assert.equal(allowed(made, from(source, 8081)), true);
      assert.equal(allowed(made, from(source)), false, "the metrics");
    }
    for (const source of [controller, stranger, "10.9.1.7"])
      assert.equal(allowed(made, from(source, 8081)), false);
    const off = policies(await changed({ ingress: { ...ingress, enabled: false } }, cluster));
    assert.equal(allowed(off, from(pod("traefik", {}), 8081)), false);
  });

  it("admits the gateways of a route, from their namespaces and the cloud's ranges", async () => {
    const gateway = {
      enabled: true,
      parentRefs: [{ name: "public", namespace: "gateways" }, { name: "own" }],
      from: { namespaces: ["envoy-gateway-system"], cidrs: ["10.9.0.0/24"] },
    };
    const cluster = { ingress: { from: { namespaces: ["ingress-nginx"], cidrs: ["35.191.0.0/16"] } } };
    const made = policies(await changed({ gateway }, cluster));
    for (const source of [
      pod("gateways", {}),
      pod("envoy-gateway-system", {}),
      neighbour,
      "10.9.0.7",
      "35.191.3.4",
    ]) {
      assert.equal(allowed(made, from(source, 8081)), true);
      assert.equal(allowed(made, from(source)), false, "the metrics");
    }
    for (const source of [controller, stranger, "10.9.1.7"])
      assert.equal(allowed(made, from(source, 8081)), false);
  });

  it("opens allowed ranges, without the closed ranges in them", async () => {
    const allow = [
      { cidr: "0.0.0.0/0", ports: [22] },
      { cidr: "10.8.0.0/16", ports: [3128, 8443] },
    ];
    const made = await withPolicy({ allow });
    assert.equal(allowed(made, to("140.82.112.3", 22)), true);
    assert.equal(allowed(made, to("169.254.169.254", 22)), false);
    assert.equal(allowed(made, to("192.168.1.1", 22)), false);
    assert.equal(allowed(made, to("10.8.1.1", 3128)), true);
    assert.equal(allowed(made, to("10.8.1.1", 443)), false);
    assert.equal(allowed(made, to("10.9.1.1", 3128)), false);
  });

  it("closes denied ranges and those of the cluster", async () => {
    const cluster = { networkPolicy: { dnsCidrs: ["169.254.20.10/32"], blockedCidrs: ["34.118.224.0/20"] } };
    const made = await withPolicy({ deny: ["203.0.113.0/24"] }, cluster);
    assert.equal(allowed(made, to("203.0.113.9", 443)), false);
    assert.equal(allowed(made, to("203.0.114.9", 443)), true);
    assert.equal(allowed(made, to("34.118.224.1", 443)), false);
    assert.equal(allowed(made, to("169.254.20.10", 53, "UDP")), true);
    assert.equal(allowed(made, to("169.254.20.10", 80)), false);
  });

  const WIDE: [what: string, policy: StackConfig, open: Connection[], closed: Connection[]][] = [
    [
      "the internet",
      { deny: ["0.0.0.0/0"] },
      [to("2001:db8::1", 443), to(dns, 53, "UDP")],
      [to("1.1.1.1", 443)],
    ],
    [
      "all of it",
      { deny: ["0.0.0.0/0", "::/0"] },
      [to(dns, 53)],
      [to("1.1.1.1", 443), to("2001:db8::1", 443)],
    ],
  ];
  for (const [what, policy, open, closed] of WIDE) {
    it(`closes ${what}, if it is denied`, async () => {
      const made = await withPolicy(policy);
      assert.deepEqual(
        [...open, ...closed].map((connection) => allowed(made, connection)),
        [...open.map(() => true), ...closed.map(() => false)],
      );
    });
  }

  it("closes the internet but for what is allowed: addresses, and pods by their labels", async () => {
    const proxy = pod("egress", { app: "squid" });
    const made = await withPolicy({
      internet: false,
      allow: [{ cidr: "10.8.0.5/32", ports: [3128] }],
      allowPods: [
        { namespace: "egress", podLabels: { app: "squid" }, ports: [3128] },
        { namespace: "models", ports: [8080] },
      ],
    });
    const open = [
      ...[to("10.8.0.5", 3128), to(proxy, 3128), to(dns, 53, "UDP")],
      to(pod("models", { app: "any" }), 8080),
    ];
    const closed = [
      ...[to("160.79.104.10", 443), to("2607:6bc0::10", 443), to("10.8.0.6", 3128), to(proxy, 443)],
      ...[to(pod("egress", { app: "other" }), 3128), to(pod("default", proxy.labels), 3128)],
    ];
    assert.deepEqual(
      [...open, ...closed].map((connection) => allowed(made, connection)),
      [...open.map(() => true), ...closed.map(() => false)],
    );
  });

  const LOST: [what: string, policy: StackConfig, problem: RegExp][] = [
    [
      "an allowed range that is denied",
      { deny: ["203.0.113.0/24"], allow: [{ cidr: "203.0.113.7/32", ports: [22] }] },
      /ralph:networkPolicy\.allow\[0\] .*203\.0\.113\.7\/32 lies in 203\.0\.113\.0\/24, which `deny` closes/s,
    ],
    [
      "an allowed range that is denied as it is",
      { deny: ["2001:db8::/32"], allow: [{ cidr: "2001:db8::/32", ports: [22] }] },
      /lies in 2001:db8::\/32/,
    ],
  ];
  for (const [what, policy, problem] of LOST) {
    it(`refuses ${what}`, async () => assert.rejects(withPolicy(policy), problem));
  }

  it("has exceptions only inside their own range, as the server requires", async () => {
    const made = await withPolicy(
      {
        deny: ["203.0.113.0/24", "2001:db8::/32"],
        allow: [
          { cidr: "203.0.0.0/16", ports: [22] },
          { cidr: "10.0.0.0/8", ports: [5432] },
        ],
      },
      { networkPolicy: { blockedCidrs: ["10.96.0.0/12"] } },
    );
    const blocks = made
      .flatMap(({ spec }) => spec?.egress ?? [])
      .flatMap(({ to: peers = [] }) => peers)
      .flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock]));
    assert.deepEqual(blocks.slice(2), [
      { cidr: "203.0.0.0/16", except: ["203.0.113.0/24"] },
      { cidr: "10.0.0.0/8", except: ["10.96.0.0/12"] },
    ]);
    assert.ok(blocks[0]?.except?.includes("203.0.113.0/24") && !blocks[0].except.includes("2001:db8::/32"));
    assert.ok(blocks[1]?.except?.includes("2001:db8::/32") && !blocks[1].except.includes("203.0.113.0/24"));
  });

  it("does not exist if it is disabled", async () => {
    assert.deepEqual(await withPolicy({ enabled: false }), []);
  });
});
