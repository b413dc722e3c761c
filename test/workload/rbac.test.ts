/** Proves the account and its permissions: the guide's, and no token in any pod unless requested. */
import assert from "node:assert/strict";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

describe("ServiceAccount, Role and RoleBinding", () => {
  it("are the guide's", async () => {
    const run = await defaults();
    const labels = { app: "ralph-orchestrator", "app.kubernetes.io/name": "ralph-orchestrator" };
    const metadata = (name: string) => ({
      name,
      namespace: "ralph-orchestrator",
      labels,
      annotations: OWNS_ITS_FIELDS,
    });
    assert.deepEqual(run.find(KIND.serviceAccount, "ralph-sa").inputs, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: metadata("ralph-sa"),
      automountServiceAccountToken: false,
    });
    assert.deepEqual(run.find(KIND.role, "ralph-role").inputs, {
      ...manifest(`
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        rules:
          - apiGroups: [""]
            resources: [configmaps, secrets]
            verbs: [get, list, watch]
          - apiGroups: [""]
            resources: [pods, pods/log]
            verbs: [get, list, watch]
      `),
      metadata: metadata("ralph-role"),
    });
    assert.deepEqual(run.find(KIND.roleBinding, "ralph-rolebinding").inputs, {
      ...manifest(`
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ralph-role }
        subjects: [{ kind: ServiceAccount, name: ralph-sa, namespace: ralph-orchestrator }]
      `),
      metadata: metadata("ralph-rolebinding"),
    });
  });

  for (const automountToken of [false, true]) {
    it(`${automountToken ? "mount" : "do not mount"} a token in the pods if configured so`, async () => {
      const run = await changed({ serviceAccount: { automountToken } });
      const account = run.find(KIND.serviceAccount, "ralph-sa").inputs;
      assert.equal(account.automountServiceAccountToken, automountToken);
      for (const owner of [KIND.deployment, KIND.job, KIND.cronJob].flatMap(run.ofType)) {
        assert.equal(podOf(owner).spec.automountServiceAccountToken, automountToken);
      }
    });
  }
});
