/**
 * Proves the login before the status page with the real oauth2-proxy, started with the arguments and the Secret of the
 * program's own Deployment, in front of the real runner; the issuer is a stand-in with OpenID Connect's endpoints and
 * signed tokens. Users of the configured domain see the page, others and those without a session do not, and no one gets
 * to the metrics.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { STATUS_SERVICE } from "../../workload/names";
import { type Child, start } from "../engine/support/children";
import { freePort } from "../engine/support/prometheus";
import { ralphOrSkip, Sandbox } from "../engine/support/runner";
import { until } from "../engine/support/until";
import { changed, KIND, podOf } from "../support/workload";
import { programsOrSkip } from "./go-programs";
import { CLIENT, Issuer } from "./issuer";

const HOST = "ralph.example.com";

describe("the login of the status page, by the real oauth2-proxy", () => {
  let box: Sandbox;
  let issuer: Issuer;
  let proxy: Child | undefined;
  let address: string;

  before(async function () {
    const ralph = await ralphOrSkip(this);
    const { folder } = await programsOrSkip(this, "oauth2-proxy", "7.15.6", [
      "github.com/oauth2-proxy/oauth2-proxy/v7",
    ]);
    box = new Sandbox(ralph);
    issuer = await Issuer.start(box.path());
    const page = await freePort();
    const runner = await box.start([], { RALPH_AGENT: "smoke", RALPH_STATUS_PORT: String(page) });
    await until("the runner answers", async () => (await runner.get("/healthz"))?.status === 200);

    const run = await changed({
      ingress: { enabled: true, hosts: [{ host: HOST }], tls: [{ secretName: "tls", hosts: [HOST] }] },
      trustedCA: { certificates: issuer.certificate },
      login: {
        ...{ enabled: true, issuer: issuer.address, clientId: CLIENT.id, clientSecret: CLIENT.secret },
        emailDomains: ["example.com"],
      },
    });
    const of = (kind: string) =>
      run.ofType(kind).find(({ inputs }) => inputs.metadata.name === "ralph-login") ?? assert.fail(kind);
    const { args } = podOf(of(KIND.deployment)).spec.containers[0] as { args: string[] };
    const { stringData } = of(KIND.secret).inputs as { stringData: Record<string, string> };
    address = `127.0.0.1:${await freePort()}`;
    const here: [string, string][] = [
      [`http://${STATUS_SERVICE}`, `http://127.0.0.1:${page}`],
      ["0.0.0.0:4180", address],
      ["/etc/trusted-ca/ca.crt", box.path("ca.crt")],
    ];
    const changedArgs = args.map((arg) => here.reduce((all, [from, to]) => all.replace(from, to), arg));
    assert.equal(changedArgs.filter((arg, i) => arg !== args[i]).length, here.length);
    proxy = start(join(folder, "oauth2-proxy"), changedArgs, {
      cwd: box.root,
      env: {
        OAUTH2_PROXY_CLIENT_SECRET: stringData["client-secret"],
        OAUTH2_PROXY_COOKIE_SECRET: stringData["cookie-secret"],
      },
    });
    await until("oauth2-proxy is ready", async () => (await browse("/ready")) === 200);
  });
  after(async () => {
    proxy?.kill();
    await proxy?.result;
    await issuer?.stop();
    await box?.remove();
  });

  /** A request as an Ingress passes it on. */
  const get = (path: string, cookies = ""): Promise<Response> =>
    fetch(`http://${address}${path}`, {
      redirect: "manual",
      headers: { "X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, cookie: cookies },
    });
  const browse = async (path: string): Promise<number | undefined> =>
    (await get(path).catch(() => undefined))?.status;
  const cookiesOf = (response: Response): string =>
    response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; ");

  /** Logs in as a browser does. @returns the answer to the callback */
  async function logIn(email: string): Promise<Response> {
    const asked = await get("/");
    assert.equal(asked.status, 302);
    const to = new URL(asked.headers.get("location") ?? "");
    assert.equal(to.origin, new URL(issuer.address).origin);
    assert.equal(to.searchParams.get("redirect_uri"), `https://${HOST}/oauth2/callback`);
    assert.equal(to.searchParams.get("code_challenge_method"), "S256");
    issuer.user = { email, nonce: to.searchParams.get("nonce") ?? undefined };
    const state = encodeURIComponent(to.searchParams.get("state") ?? "");
    return get(`/oauth2/callback?code=code&state=${state}`, cookiesOf(asked));
  }

  it("shows the page to a user of the domain, and the metrics to no one", async () => {
    const back = await logIn("dev@example.com");
    assert.equal(back.status, 302, await back.text());
    const session = cookiesOf(back);
    assert.ok(
      back.headers.getSetCookie().every((cookie) => /; Secure/.test(cookie) && /; HttpOnly/.test(cookie)),
    );
    const page = await get("/", session);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>Ralph/);
    assert.equal((await get("/metrics", session)).status, 404);
  });

  it("shows neither to a user of another domain, nor to a session that is not its own", async () => {
    assert.equal((await logIn("dev@example.org")).status, 403);
    assert.equal((await get("/", "_oauth2_proxy=forged|0|x")).status, 302);
    assert.equal((await get("/metrics")).status, 302);
  });
});
