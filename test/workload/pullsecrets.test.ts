/** Proves the pull Secrets: those with credentials are created, encrypted; those without are only referenced. */
import assert from "node:assert/strict";
import { everything, defaults, KIND, manifest, podOf } from "../support/workload";

describe("pull Secrets", () => {
  it("are created if credentials are given", async () => {
    const run = await everything();
    const { inputs, secret } = run.find(KIND.secret, "regcred");
    const { stringData, ...rest } = inputs;
    assert.deepEqual(
      rest,
      manifest(`
        apiVersion: v1
        kind: Secret
        metadata:
          name: regcred
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        type: kubernetes.io/dockerconfigjson
      `),
    );
    assert.deepEqual(JSON.parse(stringData[".dockerconfigjson"]), {
      auths: {
        "ghcr.io": {
          username: "USERNAME",
          password: "canary-password",
          auth: Buffer.from("USERNAME:canary-password").toString("base64"),
        },
      },
    });
    assert.deepEqual(secret, ["stringData"]);
    assert.equal(run.resources.filter(({ name }) => name.includes("gcr-json-key")).length, 0);
  });

  it("are referenced by every pod, in the order of the configuration", async () => {
    const run = await everything();
    for (const kind of [KIND.deployment, KIND.job, KIND.cronJob]) {
      for (const owner of run.ofType(kind)) {
        assert.deepEqual(podOf(owner).spec.imagePullSecrets, [{ name: "regcred" }, { name: "gcr-json-key" }]);
      }
    }
  });

  it("do not exist by default", async () => {
    const run = await defaults();
    assert.equal(podOf(run.find(KIND.deployment, "ralph")).spec.imagePullSecrets, undefined);
  });
});
