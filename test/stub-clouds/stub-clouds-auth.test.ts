/**
 * Proves that the stand-ins for the clouds' authentication programs must be called like the real ones: with the
 * arguments that those require, for the API version in the kubeconfig; and that each call is recorded.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, type RunResult } from "../../lib/process";
import { installStubClouds, type StubClouds } from "../../stub-clouds/install";

const VERSION = "client.authentication.k8s.io/v1beta1";
const PROGRAMS: readonly [program: string, args: readonly string[]][] = [
  ["gke-gcloud-auth-plugin", ["--use_application_default_credentials"]],
  ["aws", ["--region", "us-west-2", "eks", "get-token", "--cluster-name", "main"]],
  ["kubelogin", ["get-token", "--login", "azurecli", "--server-id", "id"]],
];

describe("stand-ins for authentication programs", () => {
  let dir: string;
  let clouds: StubClouds;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "it's auth ")); // which a shell script must quote
    const file = (name: string): string => {
      writeFileSync(join(dir, name), `-----${name}-----\n`);
      return join(dir, name);
    };
    const [certificateAuthority, clientCertificate, clientKey] = [
      file("ca"),
      file("certificate"),
      file("key"),
    ];
    const plane = { server: "https://127.0.0.1:1", certificateAuthority, clientCertificate, clientKey };
    clouds = installStubClouds(join(dir, "home"), { dir: join(dir, "world"), plugins: [], plane });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const call = (program: string, args: readonly string[], version = VERSION): Promise<RunResult> => {
    const KUBERNETES_EXEC_INFO = JSON.stringify({ apiVersion: version, kind: "ExecCredential" });
    const env = { ...clouds.environment(process.env.PATH), KUBERNETES_EXEC_INFO };
    return run("/bin/sh", ["-c", 'exec "$0" "$@"', program, ...args], { env });
  };

  for (const [program, args] of PROGRAMS) {
    it(`${program} hands out the certificate`, async () => {
      const { code, stdout, stderr } = await call(program, args);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        apiVersion: VERSION,
        kind: "ExecCredential",
        status: {
          clientCertificateData: readFileSync(join(dir, "certificate"), "utf8"),
          clientKeyData: readFileSync(join(dir, "key"), "utf8"),
        },
      });
      const calls = clouds.ledger().map(({ plugin, method, outcome }) => [plugin, method, outcome]);
      assert.deepEqual(calls, [[program, "Token", "ok"]]);
    });

    it(`${program} refuses a user who is logged out, and another API version`, async () => {
      clouds.logOut(true);
      const out = await call(program, args);
      assert.deepEqual([out.code, out.stderr], [1, `${program}: not logged in\n`]);
      clouds.logOut(false);
      const old = await call(program, args, "client.authentication.k8s.io/v1alpha1");
      assert.deepEqual([old.code, old.stdout], [1, ""]);
      assert.deepEqual(
        clouds.ledger().map(({ outcome }) => outcome),
        ["refused", "refused"],
      );
    });
  }

  for (const [program, args] of PROGRAMS.slice(1)) {
    it(`${program} requires its arguments`, async () => {
      const { code, stderr } = await call(program, args.slice(0, -2));
      assert.equal(code, 1);
      assert.match(stderr, /the argument --\S+ is missing/);
    });
  }

  it("hands out nothing if the world has no cluster", async () => {
    const world = installStubClouds(join(dir, "home2"), { dir: join(dir, "world2"), plugins: [] });
    const env = { ...world.environment(process.env.PATH), KUBERNETES_EXEC_INFO: VERSION };
    const { code, stderr } = await run("/bin/sh", ["-c", "exec gke-gcloud-auth-plugin"], { env });
    assert.deepEqual([code, stderr], [1, "gke-gcloud-auth-plugin: this world has no cluster\n"]);
  });
});
