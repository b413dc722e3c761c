/**
 * Proves that an API server is asked through the proxy that the environment or its kubeconfig names, by a real CONNECT
 * proxy on loopback and a server with TLS behind it, and which addresses have none: the cases of NO_PROXY are those of
 * Go's httpproxy, by which kubectl, Helm and Pulumi go (https://pkg.go.dev/golang.org/x/net/http/httpproxy).
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readObject } from "../../clusters/existing/read";
import { proxyFor } from "../../lib/proxy";
import { openCluster } from "../../operations/cluster/client";
import { selfSigned } from "../support/self-signed";
import { environment } from "../support/environment";

const PROXY = "http://proxy.example.com:3128";

describe("the proxy for an address", () => {
  const CASES: readonly (readonly [
    address: string,
    env: Record<string, string>,
    proxy: string | undefined,
  ])[] = [
    ["https://a.example.com", { HTTPS_PROXY: PROXY }, PROXY],
    ["https://a.example.com", { https_proxy: PROXY }, PROXY],
    ["https://a.example.com", { HTTPS_PROXY: "proxy.example.com:3128" }, PROXY],
    ["https://a.example.com", { HTTP_PROXY: PROXY }, undefined],
    ["http://a.example.com", { HTTP_PROXY: PROXY }, PROXY],
    ["https://a.example.com", { HTTPS_PROXY: "" }, undefined],
    ["https://localhost:6443", { HTTPS_PROXY: PROXY }, undefined],
    ["https://127.0.0.2:6443", { HTTPS_PROXY: PROXY }, undefined],
    ["https://[::1]:6443", { HTTPS_PROXY: PROXY }, undefined],
    ["not an address", { HTTPS_PROXY: PROXY }, undefined],
    ...(
      [
        ["https://a.example.com", "*", false],
        ["https://a.example.com", "a.example.com", false],
        ["https://a.example.com", "example.com", false],
        ["https://a.example.com", ".example.com", false],
        ["https://a.example.com", "*.example.com", false],
        ["https://A.example.com", "b.com, EXAMPLE.com", false],
        ["https://example.com", ".example.com", true],
        ["https://badexample.com", "example.com", true],
        ["https://a.example.com:6443", "example.com:6443", false],
        ["https://a.example.com", "example.com:443", false],
        ["https://a.example.com:6443", "example.com:443", true],
        ["https://10.1.2.3:6443", "10.0.0.0/8", false],
        ["https://10.1.2.3:6443", "10.1.2.3", false],
        ["https://11.1.2.3:6443", "10.0.0.0/8", true],
        ["https://[fd00::1]:6443", "fd00::/8", false],
        ["https://[fd00::1]:6443", "[fd00::1]:6443", false],
      ] as const
    ).map(
      ([address, NO_PROXY, isUsed]) =>
        [address, { HTTPS_PROXY: PROXY, NO_PROXY }, isUsed ? PROXY : undefined] as const,
    ),
  ];
  for (const [address, env, expected] of CASES)
    it(`is ${expected ?? "none"}: ${address} with ${JSON.stringify(env)}`, () =>
      assert.equal(proxyFor(address, env), expected));
});

describe("an API server behind a proxy", () => {
  const restore = environment();
  const dir = mkdtempSync(join(tmpdir(), "ralph-proxy-"));
  let server: Server;
  let proxy: Server;
  let asked: string[];
  const port = (of: Server): number => (of.address() as AddressInfo).port;

  before(async () => {
    const { key, cert } = selfSigned(dir, "DNS:api.cluster.test");
    server = createServer({ key, cert }, (_, response) => response.end("{}"));
    // No such name exists: only the proxy knows where the server is.
    proxy = createProxy().on("connect", ({ url = "" }, socket) => {
      asked.push(url);
      const behind = connect(port(server), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        behind.pipe(socket).pipe(behind);
      });
    });
    for (const each of [server, proxy])
      await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    asked = [];
    for (const name of Object.keys(process.env).filter((each) => /_proxy$/i.test(each)))
      Reflect.deleteProperty(process.env, name);
  });
  after(() => {
    restore();
    server.close();
    proxy.close();
    rmSync(dir, { recursive: true });
  });

  const kubeconfig = (proxyUrl?: string): string =>
    JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [
        {
          name: "c",
          cluster: {
            server: "https://api.cluster.test:6443",
            "certificate-authority-data": readFileSync(join(dir, "ca.crt")).toString("base64"),
            "proxy-url": proxyUrl,
          },
        },
      ],
      users: [{ name: "u", user: { token: "t" } }],
    });
  const here = (): string => `http://127.0.0.1:${port(proxy)}`;

  for (const [by, variable, proxyUrl] of [
    ["the environment", here, () => undefined],
    ["its kubeconfig, before the environment", () => "http://127.0.0.1:1", here],
  ] as const)
    it(`is asked through the one of ${by}`, async () => {
      process.env.HTTPS_PROXY = variable();
      const client = await openCluster({ kubeconfig: kubeconfig(proxyUrl()) });
      assert.deepEqual(await client.get("/api"), {});
      assert.deepEqual(await readObject(kubeconfig(proxyUrl()), "/api"), {});
      assert.deepEqual([...new Set(asked)], ["api.cluster.test:6443"]);
    });

  it("is asked directly if NO_PROXY names it", async () => {
    Object.assign(process.env, { HTTPS_PROXY: here(), NO_PROXY: ".cluster.test" });
    await assert.rejects(openCluster({ kubeconfig: kubeconfig() }), /ENOTFOUND|EAI_AGAIN/);
    assert.deepEqual(asked, []);
  });
});
