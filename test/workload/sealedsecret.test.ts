/** Proves the SealedSecrets: what is created for the cluster's controller, before any pod, and what is refused. */
import assert from "node:assert/strict";

import type { StackConfig } from "../support/stack";
import { changed, KIND, manifest } from "../support/workload";

const TYPE = "kubernetes:bitnami.com/v1alpha1:SealedSecret";
const VALUE = "Ag".padEnd(684, "x");

describe("SealedSecrets", () => {
  const keys = { name: "sealed-keys", encryptedData: { CLAUDE_API_KEY: VALUE } };

  it("are the controller's, and the pods use what it writes", async () => {
    const run = await changed({ apiKeys: { existingSecret: "sealed-keys" }, sealedSecrets: [keys] });
    assert.deepEqual(
      run.find(TYPE, "sealed-keys").inputs,
      manifest(`
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata:
          name: sealed-keys
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
          annotations:
            pulumi.com/waitFor: condition=Synced
            pulumi.com/deletionPropagationPolicy: background
        spec:
          encryptedData:
            CLAUDE_API_KEY: ${VALUE}
          template:
            metadata: {}
      `),
    );
    assert.deepEqual(run.ofType(KIND.secret), []);
  });

  it("have the scope for which they were sealed, and a type", async () => {
    const run = await changed({
      imagePullSecrets: [{ name: "regcred" }],
      sealedSecrets: [
        {
          name: "regcred",
          type: "kubernetes.io/dockerconfigjson",
          scope: "namespace-wide",
          encryptedData: { ".dockerconfigjson": VALUE },
        },
      ],
    });
    const { metadata, spec } = run.find(TYPE, "regcred").inputs;
    const annotations = { "sealedsecrets.bitnami.com/namespace-wide": "true" };
    assert.equal(metadata.annotations["sealedsecrets.bitnami.com/namespace-wide"], "true");
    assert.deepEqual(spec.template, { metadata: { annotations }, type: "kubernetes.io/dockerconfigjson" });
  });

  const REFUSED: [what: string, config: StackConfig, message: RegExp][] = [
    [
      "the name of a Secret that the stack creates",
      { sealedSecrets: [{ ...keys, name: "ralph-secrets" }] },
      /ralph:sealedSecrets\[0\]\.name +must not be the name of a Secret that the stack itself creates/,
    ],
    [
      "the name of a pull Secret that the stack creates",
      {
        imagePullSecrets: [{ name: "regcred", server: "ghcr.io", username: "u", password: "canary" }],
        sealedSecrets: [{ ...keys, name: "regcred" }],
      },
      /ralph:sealedSecrets\[0\]\.name +must not be the name of a Secret that the stack itself creates/,
    ],
    [
      "a value that is not sealed, without showing it",
      { sealedSecrets: [{ ...keys, encryptedData: { CLAUDE_API_KEY: "sk-ant-canary" } }] },
      /ralph:sealedSecrets\[0\]\.encryptedData\.CLAUDE_API_KEY +must be a value that kubeseal printed(?![^]*canary)/,
    ],
    ["none", { sealedSecrets: [{ ...keys, encryptedData: {} }] }, /must have at least one key/],
    ["one name twice", { sealedSecrets: [keys, keys] }, /ralph:sealedSecrets\[1\]\.name/],
  ];
  for (const [what, config, message] of REFUSED)
    it(`are refused with ${what}`, () => assert.rejects(changed(config), message));
});
