/**
 * Proves the Ingress and the HTTPRoute that the program renders with the real Traefik, which reads them from a real API
 * server and stands in front of the real runner and the real oauth2-proxy: the page is served with the certificate of the
 * Secret, after a login where one is configured; no path leads to the metrics; the route's status is good; and the network
 * policies admit the proxy to the ports that the Services lead to, and to no others. Their endpoints are the programs on
 * this machine; the issuer is a stand-in.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync } from "node:fs";
import { request } from "node:https";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";

import { LOGIN, STATUS_SERVICE } from "../../workload/names";
import { type Child, start } from "../engine/support/children";
import { fixture } from "../engine/support/fixture";
import { get, kubectl, kubectlWith } from "../engine/support/kubectl";
import { freePort } from "../engine/support/prometheus";
import { type Pod, ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";
import { allowed, type NetworkPolicy } from "../support/netpol";
import { type Certificate, selfSigned } from "../support/self-signed";
import type { StackRun } from "../support/stack";
import { changed, KIND, podOf } from "../support/workload";
import { programsOrSkip } from "./go-programs";
import { CLIENT, Issuer } from "./issuer";
import { findTraefik } from "./traefik";

const CONTROLLER = "traefik";
const GATEWAYS = "gateways";
const GATEWAY_API = "gateway.networking.k8s.io/v1";
/** A stack with a login and one without. */
const STACKS = ["with-login", "without-login"] as const;
type Stack = (typeof STACKS)[number];
const WAYS = ["ingress", "route"] as const;
const hostOf = (way: string, stack: string): string => `${way}.${stack}.example.com`;
const HOSTS = STACKS.flatMap((stack) => WAYS.map((way) => ({ stack, way, host: hostOf(way, stack) })));
/** Ways to write the path of the metrics, for one who has no business there. */
const METRICS = [
  ...[
    "/metrics",
    "//metrics",
    "/./metrics",
    "/%6detrics",
    "/metrics/",
    "/metrics?x",
    "/metrics;x",
    "/METRICS",
  ],
  ...[
    "/oauth2/../metrics",
    "/oauth2/..%2fmetrics",
    "/%2e/metrics",
    "/x/..//metrics",
    "/%2fmetrics",
    "/metrics%00",
  ],
];
/** The text of Prometheus' format. */
const SAMPLES = /^# (HELP|TYPE) |^ralph_\w+(\{.*\})? \d/m;

describe("the way in, by the real Traefik", function () {
  this.timeout(90 * 60_000); // Traefik may have to be built
  let box: Sandbox;
  let issuer: Issuer;
  let runner: Pod;
  let port: number;
  const runs = {} as Record<Stack, StackRun>;
  const certificates = {} as Record<(typeof WAYS)[number], Certificate>;
  const children: Child[] = [];

  before(async function () {
    const ralph = await ralphOrSkip(this);
    const login = await programsOrSkip(this, "oauth2-proxy", "7.15.6", [
      "github.com/oauth2-proxy/oauth2-proxy/v7",
    ]);
    const traefik = await findTraefik();
    // An API server accepts no address of loopback as an endpoint.
    const here = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === "IPv4" && !each.internal)?.address;
    const missing = typeof traefik === "string" ? traefik : "this machine has no address but loopback";
    if (typeof traefik === "string" || here === undefined) {
      console.log(`      skipped: ${missing}`);
      return this.skip();
    }
    box = new Sandbox(ralph);
    issuer = await Issuer.start(box.path());
    for (const way of WAYS) {
      mkdirSync(box.path(way));
      const names = STACKS.map((stack) => `DNS:${hostOf(way, stack)}`);
      certificates[way] = selfSigned(box.path(way), ...names);
    }
    const page = await freePort();
    runner = await box.start([], { RALPH_AGENT: "smoke", RALPH_STATUS_PORT: String(page) });
    await until("the runner answers", async () => (await runner.get("/healthz"))?.status === 200);
    port = await freePort();
    for (const stack of STACKS) runs[stack] = await rendered(stack, issuer);
    const ports = { [STATUS_SERVICE]: page, [LOGIN]: await freePort() };
    const proxy = startLogin(runs["with-login"], login.folder, `${here}:${page}`, ports[LOGIN] ?? 0);
    children.push(proxy);

    await kubectl("apply", "--server-side", "--filename", traefik.kinds);
    for (const name of [CONTROLLER, GATEWAYS, ...STACKS]) await kubectl("create", "namespace", name);
    await kubectlWith(
      [...shared(port, certificates.route), ...STACKS.flatMap((stack) => applied(stack, here, ports))],
      "apply",
    );
    children.push(
      start(
        traefik.program,
        [
          `--entrypoints.websecure.address=127.0.0.1:${port}`,
          "--entrypoints.websecure.http.tls=true",
          "--providers.kubernetesingress=true",
          "--providers.kubernetesgateway=true",
          "--global.checknewversion=false",
          "--global.sendanonymoususage=false",
          "--log.level=INFO",
        ],
        {
          cwd: box.root,
          env: { PATH: process.env.PATH, KUBECONFIG: fixture().plane.kubeconfig },
          timeout: 10 * 60_000,
        },
      ),
    );
    for (const { host } of HOSTS)
      await until(`${host} is served`, async () => {
        const status = (await ask(host, "/").catch(() => undefined))?.status;
        return status === 200 || status === 302;
      });
  });
  after(async () => {
    for (const child of children) child.kill();
    await Promise.all(children.map(({ result }) => result));
    await issuer?.stop();
    await box?.remove();
    await kubectl(
      "delete",
      "namespace",
      CONTROLLER,
      GATEWAYS,
      ...STACKS,
      "--ignore-not-found",
      "--wait=false",
    );
    await kubectl("delete", "ingressclass", CONTROLLER, "--ignore-not-found");
  });

  /** The rendered objects that lead to the page, with endpoints on this machine. */
  function applied(stack: Stack, address: string, ports: Readonly<Record<string, number>>): object[] {
    const run = runs[stack];
    const services = run
      .ofType(KIND.service)
      .filter(({ inputs }) => inputs.metadata.name in ports)
      .map(({ inputs }) => inputs);
    return [
      run.find(KIND.ingress, "ralph-orchestrator").inputs,
      run.find(KIND.httpRoute, "ralph-orchestrator").inputs,
      secret(stack, certificates.ingress),
      ...services.flatMap((service) => [
        // Without a selector, no controller looks for pods of this Service.
        { ...service, spec: { ...service.spec, selector: undefined } },
        {
          apiVersion: "discovery.k8s.io/v1",
          kind: "EndpointSlice",
          metadata: {
            name: service.metadata.name,
            namespace: stack,
            labels: { "kubernetes.io/service-name": service.metadata.name },
          },
          addressType: "IPv4",
          ports: [{ name: service.spec.ports[0].name, port: ports[service.metadata.name] }],
          endpoints: [{ addresses: [address], conditions: { ready: true } }],
        },
      ]),
    ];
  }

  function startLogin(run: StackRun, folder: string, page: string, loginPort: number): Child {
    const of = (kind: string) =>
      run.ofType(kind).find(({ inputs }) => inputs.metadata.name === LOGIN) ?? assert.fail(kind);
    const { args } = podOf(of(KIND.deployment)).spec.containers[0] as { args: string[] };
    const { stringData } = of(KIND.secret).inputs as { stringData: Record<string, string> };
    const here: [string, string][] = [
      [`http://${STATUS_SERVICE}`, `http://${page}`],
      [":4180", `:${loginPort}`],
      ["/etc/trusted-ca/ca.crt", box.path("ca.crt")],
    ];
    const own = args.map((arg) => here.reduce((all, [from, to]) => all.replace(from, to), arg));
    assert.equal(own.filter((arg, i) => arg !== args[i]).length, here.length);
    return start(join(folder, "oauth2-proxy"), own, {
      cwd: box.root,
      env: {
        OAUTH2_PROXY_CLIENT_SECRET: stringData["client-secret"],
        OAUTH2_PROXY_COOKIE_SECRET: stringData["cookie-secret"],
      },
      timeout: 10 * 60_000,
    });
  }

  /** A request as a client writes it: `fetch` would clean the path. */
  const ask = (host: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({
        ...{ host: "127.0.0.1", port, servername: host, path, agent: false, rejectUnauthorized: false },
        headers: { host, ...headers },
      });
      sent.on("error", reject).on("response", (response) => {
        const { fingerprint256: certificate } = (response.socket as TLSSocket).getPeerX509Certificate() ?? {};
        const { location = "", "set-cookie": cookies = [] } = response.headers;
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, location, cookies, body, certificate }),
          reject,
        );
      });
      sent.end();
    });

  /** @returns the session */
  async function logIn(host: string): Promise<string> {
    const asked = await ask(host, "/", { "x-forwarded-host": "elsewhere.example.org" });
    assert.equal(asked.status, 302);
    const to = new URL(asked.location);
    assert.equal(to.origin, new URL(issuer.address).origin);
    assert.equal(to.searchParams.get("redirect_uri"), `https://${host}/oauth2/callback`);
    issuer.user = { email: "dev@example.com", nonce: to.searchParams.get("nonce") ?? undefined };
    const state = encodeURIComponent(to.searchParams.get("state") ?? "");
    const back = await ask(host, `/oauth2/callback?code=code&state=${state}`, { cookie: cookie(asked) });
    assert.deepEqual([back.status, back.location], [302, "/"], back.body);
    return cookie(back);
  }

  for (const { stack, way, host } of HOSTS) {
    it(`serves the page by ${way} ${stack}, and never the metrics`, async () => {
      const sessions = stack === "with-login" ? [await logIn(host), ""] : [""];
      const [session = ""] = sessions;
      const page = await ask(host, "/", { cookie: session });
      assert.equal(page.status, 200, page.body);
      assert.match(page.body, /<title>Ralph/);
      assert.equal(page.certificate, fingerprint(certificates[way]));

      assert.match((await runner.get("/metrics"))?.text ?? "", SAMPLES);
      const before = await runner.metric("ralph_build_info");
      assert.equal(Object.keys(before).length, 1);
      for (const each of sessions)
        for (const path of METRICS) {
          const { status, body } = await ask(host, path, { cookie: each });
          assert.doesNotMatch(body, SAMPLES, path);
          assert.ok(status !== 200 || /<title>Ralph/.test(body), `${path}: ${status} ${body}`);
          if (stack === "with-login" && each === "") assert.notEqual(status, 200, path);
        }
      // The port of the probes is not reached either.
      const probe = await ask(host, "/healthz", { cookie: session });
      assert.notEqual(probe.status, 200);
    });
  }

  it("asks for a login before any page", async () => {
    for (const { host } of HOSTS.filter(({ stack }) => stack === "with-login")) {
      const { status, body } = await ask(host, "/", { cookie: "_oauth2_proxy=forged|0|x" });
      assert.equal(status, 302);
      assert.doesNotMatch(body, /<title>Ralph/);
    }
  });

  for (const stack of STACKS) {
    it(`has a route ${stack} that the Gateway accepts`, async () => {
      const conditions = await until("its status is written", async () => {
        const route = await get("httproutes.gateway.networking.k8s.io", "ralph-orchestrator", stack);
        const [parent] = (route?.status?.parents ?? []) as {
          conditions: { type: string; status: string }[];
        }[];
        return parent?.conditions;
      });
      const of = Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
      assert.deepEqual({ ...of }, { Accepted: "True", ResolvedRefs: "True" });
    });

    it(`has policies ${stack} that admit the proxy to what its Services lead to, and to nothing else`, () => {
      const run = runs[stack];
      const policies = run.ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
      const { rules } = run.find(KIND.ingress, "ralph-orchestrator").inputs.spec;
      const [{ backendRefs }] = run.find(KIND.httpRoute, "ralph-orchestrator").inputs.spec.rules;
      const entry = rules[0].http.paths[0].backend.service.name as string;
      assert.equal(backendRefs[0].name, entry);
      const { spec } =
        run.ofType(KIND.service).find(({ inputs }) => inputs.metadata.name === entry)?.inputs ?? {};
      const to = { namespace: stack, labels: spec.selector };
      for (const namespace of [CONTROLLER, GATEWAYS, "another"]) {
        const from = { namespace, labels: { "app.kubernetes.io/name": "traefik" } };
        const open = [8080, 8081, 4180, 443, 80].filter((each) =>
          allowed(policies, { from, to, port: each }),
        );
        assert.deepEqual(open, namespace === "another" ? [] : [spec.ports[0].targetPort], namespace);
      }
    });
  }
});

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly cookies: readonly string[];
  readonly body: string;
  readonly certificate: string | undefined;
}

const cookie = ({ cookies }: Answer): string => cookies.map((each) => each.split(";")[0]).join("; ");

const fingerprint = ({ cert }: Certificate): string => new X509Certificate(cert).fingerprint256;

const rendered = (stack: Stack, { address, certificate }: Issuer): Promise<StackRun> =>
  changed({
    namespace: stack,
    ingress: {
      enabled: true,
      className: CONTROLLER,
      hosts: [{ host: hostOf("ingress", stack) }],
      tls: [{ secretName: "tls", hosts: [hostOf("ingress", stack)] }],
      from: { namespaces: [CONTROLLER] },
    },
    gateway: {
      enabled: true,
      hosts: [hostOf("route", stack)],
      parentRefs: [{ name: "public", namespace: GATEWAYS, sectionName: "https" }],
    },
    ...(stack === "with-login"
      ? {
          trustedCA: { certificates: certificate },
          login: {
            ...{ enabled: true, issuer: address, clientId: CLIENT.id, clientSecret: CLIENT.secret },
            emailDomains: ["example.com"],
          },
        }
      : {}),
  });

const secret = (namespace: string, { key, cert }: Certificate): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "tls", namespace },
  type: "kubernetes.io/tls",
  stringData: { "tls.key": key, "tls.crt": cert },
});

/** What a cluster with Traefik has for all its applications. */
const shared = (port: number, certificate: Certificate): object[] => [
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: CONTROLLER },
    spec: { controller: "traefik.io/ingress-controller" },
  },
  {
    apiVersion: GATEWAY_API,
    kind: "GatewayClass",
    metadata: { name: CONTROLLER },
    spec: { controllerName: "traefik.io/gateway-controller" },
  },
  secret(GATEWAYS, certificate),
  {
    apiVersion: GATEWAY_API,
    kind: "Gateway",
    metadata: { name: "public", namespace: GATEWAYS },
    spec: {
      gatewayClassName: CONTROLLER,
      listeners: [
        {
          name: "https",
          protocol: "HTTPS",
          port,
          tls: { certificateRefs: [{ name: "tls" }] },
          allowedRoutes: { namespaces: { from: "All" } },
        },
      ],
    },
  },
];
