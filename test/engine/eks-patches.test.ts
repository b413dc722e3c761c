/**
 * Proves when add-ons and nodes on EKS are updated: on a new date, on another version of Kubernetes, or by a pin, in
 * place and completely; and that a run between these has nothing to do, whatever AWS has published. On the real engine,
 * with a stub of AWS that publishes versions. Does not prove that AWS can update between any two versions.
 */
import assert from "node:assert/strict";

import { BUILD, SSM_PARAMETER } from "../../stub-clouds/aws/published";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { EKS } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { Stack, type Values } from "./support/stack";

const ADDON = "aws:eks/addon:Addon";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const ADDONS = [
  "aws-ebs-csi-driver",
  "aws-efs-csi-driver",
  "coredns",
  "eks-pod-identity-agent",
  "kube-proxy",
  "metrics-server",
  "vpc-cni",
];

describe("patches on EKS", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
  const publish = (build: number) =>
    clouds().edit((resources) => [
      ...resources.filter(({ id }) => id !== BUILD),
      {
        plugin: "aws",
        token: SSM_PARAMETER,
        id: BUILD,
        inputs: {},
        outputs: { value: String(build) },
        created: 0,
        ready: 0,
        serial: 0,
      },
    ]);
  const configure = (cluster: Values) =>
    stack.configure({ cluster: { ...(stack.configured("cluster") as Values), ...cluster } });
  /** Versions of the add-ons, and the release of the nodes, as AWS has them. */
  const live = () => {
    const versions = clouds()
      .inventory()
      .filter(({ token }) => token === ADDON)
      .map(({ outputs: { addonName, addonVersion } }) => [addonName as string, addonVersion as string]);
    const group = clouds()
      .inventory()
      .find(({ token }) => token === NODE_GROUP);
    return { ...Object.fromEntries(versions), nodes: group?.outputs.releaseVersion as string };
  };
  const all = (version: string, nodes: string) => ({
    ...Object.fromEntries(ADDONS.map((name) => [name, version])),
    nodes,
  });
  async function up(...args: string[]): Promise<string[]> {
    const { code, stdout, stderr, operations } = await stack.up(...args);
    assert.equal(code, 0, stdout + stderr);
    return changes(operations)
      .filter(({ type }) => type.startsWith("aws:") || type.startsWith("eks:"))
      .map(({ op, name }) => `${op} ${name}`)
      .sort();
  }
  const updates = (...names: string[]) => names.map((name) => `update cluster-${name}`).sort();

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...EKS,
      namespace: "eks-patches",
      config: {
        cluster: { version: "1.34", api: { public: true }, deletionProtection: false },
        monitoring: { install: "none" },
      },
    });
    await up();
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  it("are not applied by a run without a reason", async () => {
    assert.deepEqual(live(), all("v1.34.0-eksbuild.1", "1.34.0-20261101"));
    publish(2);
    await up("--expect-no-changes");
    assert.deepEqual(live(), all("v1.34.0-eksbuild.1", "1.34.0-20261101"));
  });

  it("are applied in place on a new date, and once", async () => {
    configure({ patchedOn: "2026-12-01" });
    assert.deepEqual(await up(), updates("nodes-a", "nodes-b", ...ADDONS));
    assert.deepEqual(live(), all("v1.34.0-eksbuild.2", "1.34.0-20261102"));
    publish(3);
    await up("--expect-no-changes");
  });

  it("follow the cluster to its next version, and once", async () => {
    configure({ version: "1.35" });
    assert.deepEqual(await up(), [
      "update cluster",
      ...updates("eksCluster", "nodes-a", "nodes-b", ...ADDONS),
    ]);
    assert.deepEqual(live(), all("v1.35.0-eksbuild.3", "1.35.0-20261103"));
    publish(4);
    await up("--expect-no-changes");
  });

  it("stop at a pin, which moves nothing else, and resume without it", async () => {
    configure({ addons: { coredns: "v1.35.0-eksbuild.1" } });
    assert.deepEqual(await up(), updates("coredns"));
    assert.deepEqual(live(), {
      ...all("v1.35.0-eksbuild.3", "1.35.0-20261103"),
      coredns: "v1.35.0-eksbuild.1",
    });
    await up("--expect-no-changes");
    configure({ addons: {} });
    assert.deepEqual(await up(), updates("coredns"));
    assert.equal(live().coredns, "v1.35.0-eksbuild.4");
    await up("--expect-no-changes");
  });
});
