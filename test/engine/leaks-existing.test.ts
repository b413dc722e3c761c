/**
 * Proves what is reported as a leftover on an existing cluster, on a real API server: the namespace that a
 * provider created before it died without reporting it to the engine, with a command that removes it; and no other
 * namespace.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { USER_AGENT } from "../../operations/cluster/client";
import { findLeaks } from "../../operations/leaks";
import { auditEntries, auditMark } from "./support/audit";
import { fixture } from "./support/fixture";
import { get, kubectl, kubectlWith, runCommands } from "./support/kubectl";

const NAMESPACE = "left";
const namespace = (stack: string) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: NAMESPACE, labels: { "ralph-orchestrator/stack": stack } },
});
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: NAMESPACE } };

describe("on an existing cluster", () => {
  const place = (kubeconfig = fixture().plane.kubeconfig) => ({
    cloud: "existing" as const,
    stack: "dev",
    cluster: "",
    namespace: NAMESPACE,
    where: { kubeconfig, context: fixture().plane.name },
    provider: {},
  });
  const createNamespace = (manager: string, stack = "dev") =>
    kubectlWith([namespace(stack)], "apply", "--server-side", `--field-manager=${manager}`);
  afterEach(() => kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found"));

  it("an empty namespace of Pulumi's is reported, and the reported command removes it", async () => {
    await createNamespace("pulumi-kubernetes-1a2b3c4d");
    const mark = auditMark();
    const { leftovers, unseen, looked } = await findLeaks(place());
    assert.deepEqual(
      [leftovers.map(({ what, id }) => [what, id]), unseen, looked],
      [[["namespace", NAMESPACE]], [], ["namespace"]],
    );
    // Others use the cluster too: their Secrets are not read.
    const read = (await auditEntries(mark)).filter(
      ({ objectRef, userAgent }) => objectRef?.resource === "secrets" && userAgent === USER_AGENT,
    );
    assert.deepEqual([...new Set(read.map(({ objectRef }) => objectRef?.namespace))], [NAMESPACE]);
    await runCommands(leftovers.flatMap(({ remove }) => remove));
    assert.equal(await get("namespace", NAMESPACE), undefined);
    assert.deepEqual((await findLeaks(place())).leftovers, []);
  });

  it("a namespace that has contents, was created or changed by others, or is in a state is not reported", async () => {
    await createNamespace("pulumi-kubernetes");
    const state = { urn: "", type: "kubernetes:core/v1:Namespace", custom: true, id: NAMESPACE };
    assert.deepEqual((await findLeaks(place(), [state])).leftovers, []);
    await kubectlWith([secret], "apply");
    assert.deepEqual((await findLeaks(place())).leftovers, []);
    await kubectl("delete", "secret", "a", "-n", NAMESPACE);
    assert.equal((await findLeaks(place())).leftovers.length, 1);
    await kubectl("label", "namespace", NAMESPACE, "team=a");
    assert.deepEqual((await findLeaks(place())).leftovers, []);
  });

  it("a namespace of another stack's is not reported", async () => {
    await createNamespace("pulumi-kubernetes", "team-a");
    assert.deepEqual((await findLeaks(place())).leftovers, []);
  });

  it("the leftovers are unknown if the cluster cannot be queried, and the report says why and what to do", async () => {
    const { leftovers, unseen } = await findLeaks(place(join(fixture().dir, "none")));
    assert.deepEqual(leftovers, []);
    assert.match(unseen[0]?.reason ?? "", /none cannot be read: ENOENT/);
    assert.match(unseen[0]?.fix ?? "", /\.\/ralphctl leaks --stack dev$/);
  });
});
