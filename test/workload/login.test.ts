/** Proves the login before the status page: off by default, alone able to reach the page, and with its secrets in a Secret only. */
import assert from "node:assert/strict";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import { allowed, type NetworkPolicy, type Pod } from "../support/netpol";
import type { StackConfig, StackRun } from "../support/stack";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

const CANARY = "canary-client-secret";
const INGRESS = {
  enabled: true,
  hosts: [{ host: "ralph.example.com" }],
  tls: [{ secretName: "ralph-tls", hosts: ["ralph.example.com"] }],
};
const LOGIN = {
  enabled: true,
  issuer: "https://id.example.com",
  clientId: "ralph",
  clientSecret: CANARY,
  emailDomains: ["example.com"],
};
const withLogin = (login: StackConfig = {}, config: StackConfig = {}) =>
  changed({ ingress: INGRESS, login: { ...LOGIN, ...login }, ...config });
const named = (run: StackRun, kind: string) =>
  run.ofType(kind).filter(({ inputs }) => inputs.metadata.name === "ralph-login");

describe("the login of the status page", () => {
  it("does not exist by default, nor with an Ingress alone", async () => {
    for (const run of [await defaults(), await changed({ ingress: INGRESS })])
      for (const kind of [KIND.deployment, KIND.service, KIND.secret, KIND.networkPolicy])
        assert.deepEqual(named(run, kind), []);
  });

  it("is an oauth2-proxy that complies with Pod Security restricted", async () => {
    const [deployment] = named(await withLogin(), KIND.deployment);
    const { checksum, ...annotations } = (({ "checksum/secrets": sum, ...rest }) => ({
      checksum: sum,
      ...rest,
    }))(podOf(deployment ?? assert.fail()).metadata.annotations);
    assert.match(checksum, /^[0-9a-f]{64}$/);
    assert.deepEqual(annotations, {});
    assert.deepEqual(
      { ...podOf(deployment ?? assert.fail()), metadata: undefined },
      {
        metadata: undefined,
        ...manifest(`
          spec:
            automountServiceAccountToken: false
            enableServiceLinks: false
            securityContext:
              runAsNonRoot: true
              runAsUser: 65532
              runAsGroup: 65532
              seccompProfile: { type: RuntimeDefault }
            containers:
              - name: oauth2-proxy
                image: quay.io/oauth2-proxy/oauth2-proxy:v7.15.6
                args:
                  - --provider=oidc
                  - --oidc-issuer-url=https://id.example.com
                  - --client-id=ralph
                  - --email-domain=example.com
                  - --upstream=http://ralph-status
                  - --http-address=0.0.0.0:4180
                  - --reverse-proxy=true
                  - --skip-provider-button=true
                  - --code-challenge-method=S256
                  - --pass-user-headers=false
                  - --pass-basic-auth=false
                env:
                  - name: OAUTH2_PROXY_CLIENT_SECRET
                    valueFrom: { secretKeyRef: { name: ralph-login, key: client-secret } }
                  - name: OAUTH2_PROXY_COOKIE_SECRET
                    valueFrom: { secretKeyRef: { name: ralph-login, key: cookie-secret } }
                ports:
                  - { name: http, containerPort: 4180 }
                livenessProbe: { httpGet: { path: /ping, port: 4180 } }
                readinessProbe: { httpGet: { path: /ready, port: 4180 } }
                resources:
                  requests: { cpu: 10m, memory: 32Mi, ephemeral-storage: 16Mi }
                  limits: { cpu: 200m, memory: 128Mi, ephemeral-storage: 64Mi }
                securityContext:
                  allowPrivilegeEscalation: false
                  capabilities: { drop: [ALL] }
                  readOnlyRootFilesystem: true
        `),
      },
    );
  });

  it("is what the Ingress and the route lead to", async () => {
    const gateway = { enabled: true, parentRefs: [{ name: "public" }] };
    const run = await withLogin({}, { gateway });
    const [rule] = run.find(KIND.ingress, "ralph-orchestrator").inputs.spec.rules;
    assert.deepEqual(rule.http.paths[0].backend, { service: { name: "ralph-login", port: { number: 80 } } });
    const [route] = run.find(KIND.httpRoute, "ralph-orchestrator").inputs.spec.rules;
    assert.deepEqual(route.backendRefs, [{ name: "ralph-login", port: 80 }]);
    assert.deepEqual(
      named(run, KIND.service).map(({ inputs }) => inputs),
      [
        manifest(`
          apiVersion: v1
          kind: Service
          metadata:
            name: ralph-login
            namespace: ralph-orchestrator
            labels: { app: ralph-login, app.kubernetes.io/name: ralph-login }
            annotations: {}
          spec:
            type: ClusterIP
            selector: { app: ralph-login }
            ports: [{ name: http, port: 80, targetPort: 4180 }]
        `),
      ],
    );
  });

  it("has its secrets in a Secret, with a cookie's key of 32 bytes that stays the same", async () => {
    const secretOf = async (run: StackRun) => named(run, KIND.secret)[0] ?? assert.fail();
    const [first, second] = [await secretOf(await withLogin()), await secretOf(await withLogin())];
    const data = first.inputs.stringData;
    assert.equal(data["client-secret"], CANARY);
    assert.equal(Buffer.from(data["cookie-secret"], "base64url").length, 32);
    assert.deepEqual(second.inputs.stringData, data);
    assert.deepEqual(first.inputs.metadata.annotations, OWNS_ITS_FIELDS);
    const [deployment] = named(await withLogin(), KIND.deployment);
    assert.doesNotMatch(JSON.stringify(deployment?.inputs), new RegExp(CANARY));
  });

  it("uses an existing Secret, an own image, a mirror, a proxy and an authority of the user's", async () => {
    const run = await withLogin(
      { clientSecret: undefined, existingSecret: "oidc", image: "docker.io/acme/login:1" },
      {
        image: { registry: "mirror.example.com" },
        proxy: { https: "http://proxy.example.com:3128" },
        trustedCA: { existingConfigMap: "corporate-ca" },
      },
    );
    assert.deepEqual(named(run, KIND.secret), []);
    const [deployment] = named(run, KIND.deployment);
    const { spec } = podOf(deployment ?? assert.fail());
    const [container] = spec.containers;
    assert.equal(container.image, "mirror.example.com/acme/login:1");
    assert.deepEqual(
      container.env
        .slice(0, 2)
        .map(({ valueFrom }: { valueFrom: { secretKeyRef: object } }) => valueFrom.secretKeyRef),
      [
        { name: "oidc", key: "client-secret" },
        { name: "oidc", key: "cookie-secret" },
      ],
    );
    assert.ok(container.env.some(({ name }: { name: string }) => name === "HTTPS_PROXY"));
    assert.deepEqual(container.args.slice(-2), [
      "--provider-ca-file=/etc/trusted-ca/ca.crt",
      "--use-system-trust-store=true",
    ]);
    assert.deepEqual(spec.volumes, [
      { name: "trusted-ca", configMap: { name: "corporate-ca", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ]);
  });

  it("alone reaches the page, and is reached by the controller; it reaches the issuer, and no metadata server", async () => {
    const run = await withLogin();
    const policies = run.ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
    const pod = (namespace: string, labels: Record<string, string>): Pod => ({
      namespace,
      labels,
      ip: "10.244.0.9",
    });
    const worker = pod("ralph-orchestrator", {
      app: "ralph-orchestrator",
      "app.kubernetes.io/component": "worker",
    });
    const proxy = pod("ralph-orchestrator", { app: "ralph-login" });
    const controller = pod("ingress-nginx", {});
    const table: [open: boolean, from: Pod, to: Pod | string, port: number][] = [
      [true, controller, proxy, 4180],
      [true, proxy, worker, 8081],
      [false, proxy, worker, 8080],
      [false, controller, worker, 8081],
      [false, pod("default", {}), proxy, 4180],
      [true, proxy, "203.0.113.7", 443],
      [true, proxy, "10.1.2.3", 443],
      [false, proxy, "169.254.169.254", 443],
      [false, proxy, "203.0.113.7", 80],
    ];
    for (const [open, from, to, port] of table)
      assert.equal(allowed(policies, { from, to, port }), open, JSON.stringify([from, to, port]));
  });
});
