/**
 * Proves how the runner gets a GitHub App's tokens, by real HTTPS against a stand-in that verifies each JSON Web Token
 * as GitHub documents it (test/support/forges.ts has the sources): its signature, its issuer and its times.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { GitHubApp } from "../../runner/src/github-app";
import { GitHost } from "../support/git-host";

const APP = "Iv23liCanary";
const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" }, // as GitHub's file has it
  });

describe("a GitHub App", () => {
  const ours = pair();
  const minutes = (count: number): number => count * 60_000;
  let host: GitHost;
  let now: number;

  before(async () => (host = await GitHost.start()));
  after(() => host.stop());
  beforeEach(() => {
    now = Date.now();
    host.log.length = 0;
    Object.assign(host.forges, {
      app: { id: APP, key: ours.publicKey, seconds: 3600 },
      permission: "write",
      now: () => now,
    });
  });

  /** @param ahead milliseconds by which its clock is ahead of GitHub's */
  const app = ({ id = APP, key = (): string => ours.privateKey, ahead = 0 } = {}) =>
    new GitHubApp(
      new URL("/api/v3", host.address).href,
      id,
      key,
      "owner/name",
      { ca: readFileSync(join(host.root, "ca.crt"), "utf8"), env: {} },
      () => now + ahead,
    );

  it("gets a token for its repository only", async () => {
    const token = await app().current();
    assert.ok(host.tokens.has(token));
    assert.deepEqual(host.log, [
      "GET /api/v3/repos/owner/name/installation",
      "POST /api/v3/app/installations/7/access_tokens",
    ]);
  });

  it("keeps its token until ten minutes before the end, then gets another", async () => {
    const client = app();
    const first = await client.current();
    now += minutes(49);
    assert.equal(await client.current(), first);
    assert.equal(host.log.length, 2);
    now += minutes(1);
    const second = await client.current();
    assert.notEqual(second, first);
    assert.equal(await client.current(), second);
    assert.equal(host.log.length, 4);
  });

  it("signs with the key of the moment, since a mounted Secret can change", async () => {
    const theirs = pair();
    let key = ours.privateKey;
    const client = app({ key: () => key });
    await client.current();
    host.forges.app = { id: APP, key: theirs.publicKey, seconds: 3600 };
    key = theirs.privateKey;
    now += minutes(55);
    assert.ok(host.tokens.has(await client.current()));
  });

  for (const seconds of [-59, 0, 59])
    it(`accepts a clock that differs from GitHub's by ${seconds} s`, async () => {
      assert.ok(host.tokens.has(await app({ ahead: seconds * 1000 }).current()));
    });

  const ec = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const unusable = "github-app.pem is not the private key of a GitHub App (RSA, as PEM)";
  const wrong = `the private key is not one of the GitHub App ${APP}, or the clock is wrong: 401`;
  for (const [what, options, message] of [
    [
      "the key of another app",
      { key: () => pair().privateKey },
      `${wrong} A JSON web token could not be decoded`,
    ],
    [
      "an app that does not exist",
      { id: "123" },
      "there is no GitHub App 123, or it is not installed on owner/name: 404 Integration not found",
    ],
    [
      "a clock that is far ahead",
      { ahead: minutes(5) },
      `${wrong} 'Issued at' claim ('iat') must be an Integer representing the time`,
    ],
    [
      "a clock that is far behind",
      { ahead: -minutes(20) },
      `${wrong} 'Expiration time' claim ('exp') is too far in the future`,
    ],
    ["a Secret without a key", { key: () => "" }, unusable],
    ["a key that is cut off", { key: () => ours.privateKey.slice(0, 400) }, unusable],
    ["a key of another kind", { key: () => ec.privateKey }, unusable],
  ] as const)
    it(`reports ${what}`, async () => {
      await assert.rejects(app(options).current(), { message });
    });

  it("reports a repository that it is not installed on", async () => {
    host.forges.permission = "none";
    await assert.rejects(app().current(), {
      message: `there is no GitHub App ${APP}, or it is not installed on owner/name: 404 Not Found`,
    });
  });
});
