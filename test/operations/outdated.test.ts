/**
 * Proves what the doctor reports of add-ons and nodes on EKS, with its real questions to the stand-in for aws: nothing of
 * what is the newest for the cluster's Kubernetes, the key that updates the rest, and who could not be asked.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Place } from "../../clusters/operations";
import { commandsFor } from "../../operations/doctor";
import { findOutdated } from "../../operations/doctor/outdated";
import { installStubClouds, type StubClouds } from "../../stub-clouds/install";
import type { Resource, Values } from "../../stub-clouds/types";
import { environment } from "../support/environment";

const PLACE: Place = {
  cloud: "eks",
  stack: "dev",
  cluster: "agents",
  where: {},
  provider: { region: "us-west-2" },
};

const resource = (type: string, id: string, outputs: Values, serial: number): Resource => ({
  plugin: "aws",
  token: `aws:eks/${type}`,
  id,
  inputs: outputs,
  outputs: { arn: "arn:aws:eks:us-west-2:123456789012:x", ...outputs },
  created: 0,
  ready: 0,
  serial,
});
const addOn = (cluster: string, addonName: string, addonVersion: string, serial: number) =>
  resource(
    "addon:Addon",
    `${cluster}:${addonName}`,
    { addonName, addonVersion, clusterName: cluster },
    serial,
  );
const group = (name: string, releaseVersion: string, amiType: string, serial: number) =>
  resource(
    "nodeGroup:NodeGroup",
    `agents:${name}`,
    { releaseVersion, amiType, clusterName: "agents" },
    serial,
  );

describe("what the doctor reports as outdated", () => {
  const restore = environment();
  const dir = mkdtempSync(join(tmpdir(), "ralph-outdated-"));
  let clouds: StubClouds;
  before(async () => {
    clouds = installStubClouds(join(dir, "home"), { dir: join(dir, "world"), plugins: [] });
    Object.assign(process.env, clouds.environment());
    await clouds.edit(() => [
      resource("cluster:Cluster", "agents", { version: "1.35" }, 1),
      addOn("agents", "coredns", "v1.35.0-eksbuild.1", 2),
      addOn("agents", "kube-proxy", "v1.34.0-eksbuild.1", 3),
      addOn("another", "vpc-cni", "v1.33.0-eksbuild.1", 4),
      group("workers-a", "1.34.0-20261101", "AL2023_ARM_64_STANDARD", 5),
      group("workers-b", "1.35.0-20261101", "AL2023_x86_64_STANDARD", 6),
      group("windows", "1.0", "WINDOWS_CORE_2022_x86_64", 7),
    ]);
  });
  after(() => {
    restore();
    rmSync(dir, { recursive: true });
  });

  const today = new Date().toISOString().slice(0, 10);
  const commands = commandsFor("ralph", "dev");

  it("is what is behind the cluster's version, with the key that updates it", async () => {
    const fix = [
      `pulumi config set --path ralph:cluster.patchedOn ${today} --stack dev`,
      "pulumi up --stack dev",
    ];
    const held = (pin: string) =>
      `The cloud does not update it by itself; a version pinned by ralph:${pin} stays as well.`;
    assert.deepEqual(await findOutdated(PLACE, commands), {
      findings: [
        {
          object: "add-on kube-proxy",
          what: "v1.34.0-eksbuild.1 is not v1.35.0-eksbuild.1, the newest version for Kubernetes 1.35",
          cause: held("cluster.addons.kube-proxy"),
          fix,
        },
        {
          object: "node group workers-a",
          what: "1.34.0-20261101 is not 1.35.0-20261101, the newest version for Kubernetes 1.35",
          cause: held("cluster.nodes.release"),
          fix,
        },
      ],
      unseen: [],
    });
  });

  it("is not known without a login", async () => {
    clouds.logOut(true);
    const { findings, unseen } = await findOutdated(PLACE, commands);
    clouds.logOut(false);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      unseen.map(({ about, fix }) => [about, fix]),
      [["versions of add-ons and nodes", "aws sso login, or credentials in the environment"]],
    );
  });

  it("is nothing on a cloud that updates its own parts, or on another's cluster", async () => {
    for (const cloud of ["gke", "aks", "existing"] as const)
      assert.deepEqual(await findOutdated({ ...PLACE, cloud }, commands), { findings: [], unseen: [] });
  });
});
