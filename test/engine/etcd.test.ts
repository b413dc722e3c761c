/**
 * Proves on the real etcd of a local control plane: neither its clients nor its peers are accepted without a certificate of
 * the cluster's authority, because it would write a privileged pod that the API server never sees; and only the user who
 * started it can read the keys.
 */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { request } from "node:https";
import { get } from "node:http";
import { join } from "node:path";
import { fixture } from "./support/fixture";

interface Keys {
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

describe("etcd of a local control plane", () => {
  const answer = (port: number, keys: Keys): Promise<number | undefined> =>
    new Promise((resolve, reject) =>
      request(
        {
          host: "127.0.0.1",
          port,
          path: "/version",
          ca: readFileSync(fixture().plane.certificateAuthority),
          ...keys,
        },
        (response) => resolve(response.resume().statusCode),
      )
        .on("error", reject)
        .end(),
    );
  const inPlainText = (port: number): Promise<number | undefined> =>
    new Promise((resolve, reject) =>
      get({ host: "127.0.0.1", port, path: "/version" }, (response) =>
        resolve(response.resume().statusCode),
      ).on("error", reject),
    );
  const administrator = (): Keys => ({
    cert: readFileSync(fixture().plane.clientCertificate),
    key: readFileSync(fixture().plane.clientKey),
  });

  for (const [who, option] of [
    ["a client", "etcdPort"],
    ["a peer", "etcdPeerPort"],
  ] as const)
    it(`accepts ${who} by its certificate only`, async () => {
      const port = portOf(option);
      assert.equal(await answer(port, administrator()), 200);
      await assert.rejects(answer(port, {}));
      await assert.rejects(inPlainText(port));
    });

  it("has its keys in a folder that no other user can open", () => {
    assert.equal(statSync(join(fixture().dir, "plane", "kwok")).mode & 0o077, 0);
  });
});

/** A port as kwokctl was given it. */
function portOf(option: "etcdPort" | "etcdPeerPort"): number {
  const folder = join(fixture().dir, "plane", "kwok");
  const [seed = ""] = readFileSync(join(folder, `${fixture().plane.name}.yaml`), "utf8").split("\n---\n");
  return (JSON.parse(seed) as { options: Record<string, number> }).options[option] ?? assert.fail(option);
}
