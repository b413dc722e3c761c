/**
 * Proves what the client of an API server sends and how it reads the answers, against a server that records the
 * requests: pages, missing objects, refusals, deletions, a token that expires, and logins that fail. What a real API
 * server does with the requests is in test/engine (destroy, doctor, leaks-existing).
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ToolError } from "../../lib/errors";
import { type ClusterClient, openCluster, Refusal, Unreachable } from "../../operations/cluster/client";
import { clusterObjects } from "../../operations/cluster/objects";

type Reply = readonly [code: number, body: unknown];

describe("the client of a cluster", () => {
  let server: Server;
  let address: string;
  let dir: string;
  let requests: string[];
  let reply: (path: string, request: IncomingMessage) => Reply;

  before(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      const [code, body] = request.url === "/version" ? [200, {}] : reply(request.url ?? "", request);
      response.writeHead(code).end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-client-"));
    requests = [];
    reply = () => [404, { message: "not found" }];
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const kubeconfig = (user: object = {}, at = address): string =>
    JSON.stringify({
      "current-context": "here",
      contexts: [{ name: "here", context: { cluster: "c", user: "u", namespace: "ralph" } }],
      clusters: [{ name: "c", cluster: { server: at, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user }],
    });
  const open = (user?: object): Promise<ClusterClient> => openCluster({ kubeconfig: kubeconfig(user) });

  it("knows the address and the context's namespace, and asks for the version first", async () => {
    const client = await open();
    assert.deepEqual([client.address, client.namespace, requests], [address, "ralph", ["GET /version"]]);
  });

  it("reads a list to its last page, and keeps the path's own parameters", async () => {
    reply = (path) =>
      path.endsWith("&continue=a%2Fb")
        ? [200, { items: [3], metadata: {} }]
        : [200, { items: [1, 2], metadata: { continue: "a/b" } }];
    assert.deepEqual(await (await open()).list("/api/v1/pods?labelSelector=app"), [1, 2, 3]);
    assert.deepEqual(requests.slice(1), [
      "GET /api/v1/pods?labelSelector=app&limit=500",
      "GET /api/v1/pods?labelSelector=app&limit=500&continue=a%2Fb",
    ]);
  });

  it("fails with the server's own words, or with the first line of what is not JSON", async () => {
    const client = await open();
    for (const [code, body, message] of [
      [403, { message: "pods is forbidden" }, "403 pods is forbidden"],
      [502, "<h1>Bad gateway</h1>\nproxy", "502 <h1>Bad gateway</h1>"],
    ] as const) {
      reply = () => [code, body];
      await assert.rejects(
        client.list("/api/v1/pods"),
        (error: Error) =>
          error instanceof Refusal &&
          error instanceof ToolError &&
          error.code === code &&
          error.message === message,
      );
    }
  });

  const login = (expires: number): object => {
    const program = join(dir, "login.js");
    writeFileSync(
      program,
      `const { apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
       const count = require("node:fs").readdirSync(${JSON.stringify(dir)}).length;
       require("node:fs").writeFileSync(${JSON.stringify(dir)} + "/run-" + count, "");
       const status = { token: "token-" + count, expirationTimestamp: new Date(Date.now() + ${expires}).toISOString() };
       console.log(JSON.stringify({ apiVersion, kind: "ExecCredential", status }));`,
    );
    return {
      exec: {
        apiVersion: "client.authentication.k8s.io/v1",
        command: process.execPath,
        args: [program],
      },
    };
  };

  it("logs in once, and again only after the server rejects the token", async () => {
    const tokens: (string | undefined)[] = [];
    let accepted = "Bearer token-1";
    reply = (_, { headers: { authorization } }) => {
      tokens.push(authorization);
      return authorization === accepted ? [200, {}] : [401, { message: "Unauthorized" }];
    };
    const client = await open(login(-1000));
    await client.get("/a");
    await client.get("/b");
    accepted = "Bearer token-2";
    await client.get("/c");
    await client.get("/d");
    const [first, second] = ["Bearer token-1", "Bearer token-2"];
    assert.deepEqual(tokens, [first, first, first, second, second]);
  });

  it("does not wait for a login program that hangs", async () => {
    const exec = { command: process.execPath, args: ["-e", "setTimeout(() => undefined, 3_000)"] };
    await assert.rejects(
      openCluster({ kubeconfig: kubeconfig({ exec }) }, { loginTimeout: 100 }),
      (error: Error) =>
        error instanceof Unreachable && /the login program did not finish within 0\.1 s$/.test(error.message),
    );
  });

  for (const [what, access, message] of [
    ["a file that does not exist", () => ({ file: join(dir, "none") }), /none cannot be read: ENOENT$/],
    [
      "a context that does not exist",
      () => ({ kubeconfig: kubeconfig(), context: "moon" }),
      /^the kubeconfig: has no context "moon"; it has here$/,
    ],
    [
      "a server that does not listen",
      () => ({ kubeconfig: kubeconfig({}, "http://127.0.0.1:1") }),
      /^http:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/,
    ],
    [
      "a login program that fails",
      () => ({
        kubeconfig: kubeconfig({
          exec: {
            command: process.execPath,
            args: ["-e", 'console.error("not logged in"); process.exit(1)'],
          },
        }),
      }),
      /^cannot log in to http:.*: not logged in$/,
    ],
  ] as const) {
    it(`reports ${what} as unreachable`, () =>
      assert.rejects(
        openCluster(access()),
        (error: Error) => error instanceof Unreachable && message.test(error.message),
      ));
  }

  describe("for objects of any kind", () => {
    const INGRESS = { apiVersion: "networking.k8s.io/v1", kind: "Ingress" };
    const NODE = { apiVersion: "v1", kind: "Node" };
    const PATHS: Readonly<Record<string, unknown>> = {
      "/apis/networking.k8s.io/v1": {
        resources: [
          { name: "ingresses/status", kind: "Ingress", namespaced: true },
          { name: "ingresses", kind: "Ingress", namespaced: true },
        ],
      },
      "/api/v1": { resources: [{ name: "nodes", kind: "Node", namespaced: false }] },
      "/apis/networking.k8s.io/v1/ingresses?limit=500": { items: [{ metadata: { name: "i" } }] },
      "/apis/networking.k8s.io/v1/namespaces/ralph/ingresses?limit=500": { items: [] },
      "/api/v1/nodes/n": { ...NODE, metadata: { name: "n" } },
    };
    beforeEach(() => {
      reply = (path) => (path in PATHS ? [200, PATHS[path]] : [404, { message: "not found" }]);
    });

    it("lists them in one namespace or in all, with the kind that the items lack", async () => {
      const objects = clusterObjects(await open());
      assert.deepEqual(await objects.list(INGRESS), [{ ...INGRESS, metadata: { name: "i" } }]);
      assert.deepEqual(await objects.list(INGRESS, "ralph"), []);
      const discoveries = requests.filter((line) => line === "GET /apis/networking.k8s.io/v1");
      assert.equal(discoveries.length, 1, "each group is discovered once");
    });

    it("treats a kind or group that the server does not know as empty", async () => {
      const objects = clusterObjects(await open());
      assert.deepEqual(await objects.list({ apiVersion: "v1", kind: "Toaster" }), []);
      assert.deepEqual(await objects.list({ apiVersion: "kitchen.example.com/v1", kind: "Toaster" }), []);
      assert.equal(await objects.get({ apiVersion: "v1", kind: "Toaster" }, "t"), undefined);
    });

    it("gets an object by its name, without the namespace that its kind does not have", async () => {
      const objects = clusterObjects(await open());
      assert.equal((await objects.get(NODE, "n", "ralph"))?.metadata.name, "n");
      assert.equal(await objects.get(NODE, "other"), undefined);
    });

    it("deletes dependents first, and accepts that the object no longer exists", async () => {
      const objects = clusterObjects(await open());
      await objects.remove({ ...INGRESS, metadata: { name: "i", namespace: "ralph" } });
      assert.equal(
        requests.at(-1),
        "DELETE /apis/networking.k8s.io/v1/namespaces/ralph/ingresses/i?propagationPolicy=Foreground",
      );
    });
  });
});
