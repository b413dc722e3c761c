/** Proves which authorities the runner's git trusts: that of its server, else those of the pod, else public ones. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Credentials } from "../../runner/src/credentials";
import { parseAddress } from "../../runner/src/git-address";

describe("the authorities that the runner's git trusts", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "credentials-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const trusted = async (env: NodeJS.ProcessEnv): Promise<string | undefined> => {
    const address = parseAddress("https://git.example.com/a/b.git");
    const settings = { gitSsh: folder, gitHost: undefined, gitApi: undefined, githubApp: undefined };
    const { settings: given = [] } = await new Credentials(settings, address, env).git();
    return given.find(([name]) => name === "http.sslCAInfo")?.[1];
  };

  it("are public ones without any of the user's", async () => assert.equal(await trusted({}), undefined));

  it("are those of the pod, with `trustedCA`", async () =>
    assert.equal(await trusted({ GIT_SSL_CAINFO: "/etc/ralph/ca/bundle" }), "/etc/ralph/ca/bundle"));

  it("are its server's alone, with `git.ca`", async () => {
    writeFileSync(join(folder, "ca.crt"), "PEM");
    assert.equal(await trusted({ GIT_SSL_CAINFO: "/etc/ralph/ca/bundle" }), join(folder, "ca.crt"));
  });
});
