/**
 * Proves, under mocks, which groups of nodes an EKS stack has for each configuration: spot nodes, zones, further pools; and
 * which versions of add-ons and nodes it looks up, and when. Does not prove that AWS accepts it.
 */
import assert from "node:assert/strict";
import { dependenciesOf, NEWEST_ADDON, NEWEST_IMAGE, PUBLIC, run, TYPE, withProgram } from "../support/eks";
import type { StackRun } from "../support/stack";

describe("an EKS stack's nodes", () => {
  withProgram();

  it("runs on Arm spot nodes of several types, and schedules Ralph's pods on them", async () => {
    const stack = await run({
      ...PUBLIC,
      nodes: { machineType: "m7g.large", spot: true, spotTypes: ["m6g.large", "m8g.large"] },
    });
    const { amiType, capacityType, instanceTypes, taints } = stack.find(TYPE.group, "cluster-nodes-a").inputs;
    assert.deepEqual(
      [amiType, capacityType, instanceTypes, taints],
      [
        "AL2023_ARM_64_STANDARD",
        "SPOT",
        ["m7g.large", "m6g.large", "m8g.large"],
        [{ key: "spot", value: "true", effect: "NO_SCHEDULE" }],
      ],
    );
    const { spec } = stack.find("kubernetes:apps/v1:Deployment", "ralph-orchestrator").inputs;
    const { nodeSelector, tolerations } = spec.template.spec;
    assert.deepEqual(
      [nodeSelector, tolerations],
      [
        { "eks.amazonaws.com/capacityType": "SPOT" },
        [{ key: "spot", value: "true", effect: "NoSchedule", operator: "Equal" }],
      ],
    );
    assert.deepEqual(
      stack.warnings.filter((text) => text.includes("Arm")),
      ["m7g.large is an Arm machine: every image must be built for linux/arm64."],
    );
  });

  describe("looks up versions", () => {
    const kept = ({ ofType }: StackRun) =>
      Object.fromEntries(
        ofType(TYPE.kept).map(({ name, inputs: { input }, ignoreChanges, replacementTrigger }) => [
          name,
          [input, ignoreChanges, replacementTrigger] as unknown,
        ]),
      );
    const once = (value: string, patchedOn: string, pin = "") => [value, ["input"], ["1.35", patchedOn, pin]];

    it("of add-ons once for each version of Kubernetes, and leaves nodes to AWS", async () => {
      const stack = await run();
      assert.deepEqual(
        kept(stack),
        Object.fromEntries(
          stack
            .ofType(TYPE.addon)
            .map(({ inputs: { addonName } }) => [`cluster-${addonName}-version`, once(NEWEST_ADDON, "")]),
        ),
      );
      for (const { inputs } of stack.ofType(TYPE.group)) assert.equal("releaseVersion" in inputs, false);
    });

    it("again on each new date, of nodes too", async () => {
      const date = "2026-12-01";
      const stack = await run({ ...PUBLIC, patchedOn: date, nodes: { spot: true } });
      for (const name of ["cluster-nodes", "cluster-system"]) {
        assert.equal(stack.find(TYPE.group, `${name}-b`).inputs.releaseVersion, NEWEST_IMAGE);
        assert.deepEqual(kept(stack)[`${name}-release`], once(NEWEST_IMAGE, date));
      }
      assert.deepEqual(kept(stack)["cluster-coredns-version"], once(NEWEST_ADDON, date));
    });

    it("of what is not pinned", async () => {
      const pin = "v1.11.4-eksbuild.2";
      const release = "1.35.1-20261001";
      const stack = await run({ ...PUBLIC, addons: { coredns: pin }, nodes: { release } });
      const pinned = stack.ofType(TYPE.addon).filter(({ inputs: { addonVersion } }) => addonVersion === pin);
      assert.deepEqual(
        pinned.map(({ name }) => name),
        ["cluster-coredns"],
      );
      for (const { inputs } of stack.ofType(TYPE.group)) assert.equal(inputs.releaseVersion, release);
      assert.deepEqual(kept(stack)["cluster-coredns-version"], once(pin, "", pin));
      assert.deepEqual(kept(stack)["cluster-nodes-release"], once(release, "", release));
    });
  });

  /** What tells the groups of a cluster apart. */
  const groups = ({ ofType }: StackRun) =>
    Object.fromEntries(
      ofType(TYPE.group).map(({ name, inputs: group }) => [
        name,
        [group.nodeGroupName, group.capacityType, group.instanceTypes[0], group.scalingConfig] as unknown,
      ]),
    );

  it("keeps system pods on ordinary nodes beside spot nodes, whose shared group stays what it was", async () => {
    const stack = await run({
      ...PUBLIC,
      nodes: { spot: true, machineType: "m7i.large", perZone: false },
    });
    assert.deepEqual(groups(stack), {
      "cluster-nodes": ["workers", "SPOT", "m7i.large", { desiredSize: 3, minSize: 3, maxSize: 10 }],
      "cluster-system": ["system", "ON_DEMAND", "t3.medium", { desiredSize: 2, minSize: 2, maxSize: 3 }],
    });
    const { taints } = stack.find(TYPE.group, "cluster-system").inputs;
    assert.equal(taints, undefined);
    const coredns = dependenciesOf(stack, stack.find(TYPE.addon, "cluster-coredns"));
    for (const { urn } of stack.ofType(TYPE.group)) assert.ok(coredns.has(urn), urn);
  });

  it("divides every pool among the zones, and gives a zone that its maximum does not reach no group", async () => {
    const stack = await run({
      ...PUBLIC,
      zones: ["a", "b", "c"].map((letter) => `us-west-2${letter}`),
      nodes: { spot: true, machineType: "m7i.large", count: 4, min: 1, max: 11 },
      nodePools: [{ name: "builders", machineType: "m7i.large", max: 2 }],
    });
    const range = (desiredSize: number, minSize: number, maxSize: number) => ({
      desiredSize,
      minSize,
      maxSize,
    });
    assert.deepEqual(groups(stack), {
      "cluster-nodes-a": ["workers-a", "SPOT", "m7i.large", range(2, 1, 4)],
      "cluster-nodes-b": ["workers-b", "SPOT", "m7i.large", range(1, 0, 4)],
      "cluster-nodes-c": ["workers-c", "SPOT", "m7i.large", range(1, 0, 3)],
      "cluster-system-a": ["system-a", "ON_DEMAND", "t3.medium", range(1, 1, 1)],
      "cluster-system-b": ["system-b", "ON_DEMAND", "t3.medium", range(1, 1, 1)],
      "cluster-system-c": ["system-c", "ON_DEMAND", "t3.medium", range(0, 0, 1)],
      "cluster-pool-builders-a": ["builders-a", "ON_DEMAND", "m7i.large", range(0, 0, 1)],
      "cluster-pool-builders-b": ["builders-b", "ON_DEMAND", "m7i.large", range(0, 0, 1)],
    });
    // A zone's share may be a fixed number; its range is still sent without the number of nodes.
    assert.deepEqual(stack.find(TYPE.group, "cluster-system-a").ignoreChanges, ["scalingConfig"]);
    assert.deepEqual(
      stack.ofType(TYPE.template).map(({ name }) => name),
      ["cluster-nodes", "cluster-system", "cluster-pool-builders"],
    );
  });

  it("adds the configured pools, each with its own disk, labels and taints", async () => {
    const stack = await run({
      ...PUBLIC,
      nodePools: [
        {
          name: "builders",
          machineType: "g5.xlarge",
          max: 2,
          diskGb: 300,
          spot: true,
          labels: { use: "build" },
          taints: [{ key: "gpu", value: "yes", effect: "NoExecute" }],
        },
      ],
    });
    const { amiType, labels, taints, scalingConfig, nodeGroupName, launchTemplate, capacityType } =
      stack.find(TYPE.group, "cluster-pool-builders-a").inputs;
    assert.deepEqual(
      { amiType, labels, taints, scalingConfig, nodeGroupName, launchTemplate, capacityType },
      {
        amiType: "AL2023_x86_64_NVIDIA",
        labels: { use: "build" },
        taints: [{ key: "gpu", value: "yes", effect: "NO_EXECUTE" }],
        scalingConfig: { desiredSize: 0, minSize: 0, maxSize: 1 },
        nodeGroupName: "builders-a",
        launchTemplate: { id: "cluster-pool-builders-id", version: "7" },
        capacityType: "SPOT",
      },
    );
    const [disk] = stack.find(TYPE.template, "cluster-pool-builders").inputs.blockDeviceMappings;
    assert.equal(disk.ebs.volumeSize, 300);
    // Ralph's own group is not touched.
    assert.equal(stack.find(TYPE.group, "cluster-nodes-a").inputs.taints, undefined);
  });
});
