/**
 * Proves where a login at a registry is stored, for each way in which Docker is configured to keep logins, that the
 * password is in no argument of any program, and what is reported if a program fails.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { logIn } from "../../../workload/image/login";

const HOST = "registry.example.com";
const LOGIN = { username: "robot", password: ["vendor", "print-token"], fix: "vendor login" } as const;
const CANARY = "canary-password-7g6f5d4s";

describe("a login at the cluster's registry", () => {
  const { PATH, DOCKER_CONFIG } = process.env;
  let folder: string;
  const file = (): string => join(folder, "docker", "config.json");
  const config = (): unknown => JSON.parse(readFileSync(file(), "utf8"));
  const noted = (): string => readFileSync(join(folder, "arguments"), "utf8");
  const configure = (value: object): void => {
    mkdirSync(join(folder, "docker"), { recursive: true });
    writeFileSync(file(), JSON.stringify(value));
  };
  /** A program that notes its arguments, and then runs a line of shell. */
  const program = (name: string, line: string): void =>
    writeFileSync(
      join(folder, name),
      `#!/bin/sh\necho "${name} $*" >>'${join(folder, "arguments")}'\n${line}\n`,
      { mode: 0o755 },
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ralph-login-"));
    process.env.PATH = [folder, PATH].join(delimiter);
    process.env.DOCKER_CONFIG = join(folder, "docker");
    program("vendor", `echo ${CANARY}`);
  });
  afterEach(() => {
    process.env.PATH = PATH;
    if (DOCKER_CONFIG === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = DOCKER_CONFIG;
    rmSync(folder, { recursive: true });
  });

  const auth = Buffer.from(`robot:${CANARY}`).toString("base64");
  for (const [what, before, after] of [
    ["no configuration", undefined, { auths: { [HOST]: { auth } } }],
    [
      "an expired login, one elsewhere and other keys",
      {
        auths: { [HOST]: { auth: "b2xk", identitytoken: "old" }, other: { auth: "eA==" } },
        currentContext: "c",
      },
      { auths: { [HOST]: { auth }, other: { auth: "eA==" } }, currentContext: "c" },
    ],
  ] as const) {
    it(`is in Docker's file, beside what was there: ${what}`, async () => {
      if (before !== undefined) configure(before);
      await logIn(HOST, LOGIN);
      assert.deepEqual(config(), after);
      assert.equal(noted(), "vendor print-token\n");
    });
  }

  it("is in the credsStore if Docker has one", async () => {
    configure({ credsStore: "safe" });
    program("docker-credential-safe", `cat >'${"$"}{0%/*}/stored'`.replaceAll("'", '"'));
    await logIn(HOST, LOGIN);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "stored"), "utf8")), {
      ServerURL: HOST,
      Username: "robot",
      Secret: CANARY,
    });
    assert.deepEqual(config(), { credsStore: "safe" });
    assert.equal(noted(), "vendor print-token\ndocker-credential-safe store\n");
  });

  it("is left to the helper that Docker has for that registry", async () => {
    configure({ credHelpers: { [HOST]: "own" } });
    program("docker-credential-own", "exit 0");
    await logIn(HOST, LOGIN);
    assert.deepEqual(config(), { credHelpers: { [HOST]: "own" } });
    assert.equal(noted(), "docker-credential-own get\n");
  });

  for (const [what, docker, script, message] of [
    [
      "a user who is not logged in",
      {},
      ["vendor", "echo 'no session' >&2; exit 3"],
      /`vendor print-token` .*\(exit 3\)\.\nno session\n.*vendor login; then run `pulumi up` again$/s,
    ],
    [
      "a helper that fails",
      { credHelpers: { [HOST]: "own" } },
      ["docker-credential-own", "echo 'no account'; exit 1"],
      /docker-credential-own for it, which failed \(exit 1\)\.\nno account\n.*remove credHelpers/s,
    ],
    [
      "a store that fails",
      { credsStore: "safe" },
      ["docker-credential-safe", "cat; exit 1"],
      /docker-credential-safe, the credsStore of .*\[secret\].*remove credsStore/s,
    ],
  ] as const) {
    it(`names what to do about ${what}`, async () => {
      configure(docker);
      program(...(script as unknown as [string, string]));
      await assert.rejects(logIn(HOST, LOGIN), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^Docker has no login at the registry registry\.example\.com: /);
        assert.ok(!error.message.includes(CANARY));
        return true;
      });
      assert.ok(!noted().includes(CANARY));
      assert.ok(!existsSync(join(folder, "docker", "ralph-login.lock")));
    });
  }
});
