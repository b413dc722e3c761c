/** Proves which provider of a state connects to the stack's cluster. What a real state holds is in test/engine. */
import assert from "node:assert/strict";
import { providerOfObjects, type Resource } from "../../operations/engine/state";

const urn = (type: string, name: string): string => `urn:pulumi:eks::ralph::${type}::${name}`;
const provider = (name: string, id: string): Resource => ({
  urn: urn("pulumi:providers:kubernetes", name),
  type: "pulumi:providers:kubernetes",
  id,
});

describe("the Kubernetes provider of a state", () => {
  // @pulumi/eks 4.3.0 registers `<name>-eks-k8s` right after the cluster: nodejs/eks/cluster/cluster.ts, createCore.
  const components = provider("cluster-eks-k8s", "one");
  const own = provider("kubernetes", "two");
  const namespace: Resource = {
    urn: urn("kubernetes:core/v1:Namespace", "ralph-namespace"),
    type: "kubernetes:core/v1:Namespace",
    provider: `${own.urn}::two`,
  };

  it("is the one that the stack's objects name, not the first", () => {
    assert.equal(providerOfObjects([components, own, namespace]), own);
  });

  it("is none if nothing was created by one", () => {
    assert.equal(providerOfObjects([components, own]), undefined);
  });
});
