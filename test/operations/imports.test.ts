/**
 * Proves that `recover` finds what AWS identifies by a number although it was created only seconds ago, when the tagging
 * API lists nothing yet, and that it finds neither what is deleted nor what has other tags. With the real questions to the
 * stand-in for aws.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { operations } from "../../clusters/eks/operations";
import type { CloudOperations, Place } from "../../clusters/operations";
import { importId } from "../../operations/engine/imports";
import { installStubClouds, type StubClouds } from "../../stub-clouds/install";
import type { Resource, Values } from "../../stub-clouds/types";
import { environment } from "../support/environment";

const PLACE: Place = {
  cloud: "eks",
  stack: "dev",
  cluster: "agents",
  where: {},
  provider: { region: "eu-1" },
};
const TAGS = { project: "ralph-orchestrator", stack: "dev", Name: "agents-a" };

const TYPES: readonly (readonly [type: string, id: string])[] = [
  ["ec2/vpc:Vpc", "vpc-1"],
  ["ec2/subnet:Subnet", "subnet-1"],
  ["ec2/securityGroup:SecurityGroup", "sg-1"],
  ["ec2/launchTemplate:LaunchTemplate", "lt-1"],
  ["ec2/internetGateway:InternetGateway", "igw-1"],
  ["ec2/natGateway:NatGateway", "nat-1"],
  ["ec2/eip:Eip", "eipalloc-1"],
  ["ec2/vpcEndpoint:VpcEndpoint", "vpce-1"],
  ["ec2/routeTable:RouteTable", "rtb-1"],
  ["vpc/securityGroupIngressRule:SecurityGroupIngressRule", "sgr-1"],
  ["efs/fileSystem:FileSystem", "fs-1"],
];
const POD_IDENTITY = { clusterName: "agents", namespace: "kube-system", serviceAccount: "autoscaler" };

const created = (type: string, id: string, outputs: Values): Resource => ({
  plugin: "aws",
  token: `aws:${type}`,
  id,
  inputs: outputs,
  outputs: { arn: "arn:aws:x:eu-1:123456789012:x", ...outputs },
  created: Date.now(),
  ready: 0,
  serial: 0,
});
const find = (type: string, inputs: Values): Promise<string | undefined> =>
  importId({ urn: "urn", type: `aws:${type}`, inputs }, PLACE, []);

describe("what AWS identifies by a number", () => {
  const restore = environment();
  const dir = mkdtempSync(join(tmpdir(), "ralph-imports-"));
  let clouds: StubClouds;
  before(() => {
    clouds = installStubClouds(join(dir, "home"), { dir: join(dir, "world"), plugins: [] });
    Object.assign(process.env, clouds.environment());
  });
  after(() => {
    restore();
    rmSync(dir, { recursive: true });
  });

  it("is found right after its creation, by its tags", async () => {
    const identity = "eks/podIdentityAssociation:PodIdentityAssociation";
    const others = { ...TAGS, Name: "agents-b" };
    await clouds.edit(() => [
      ...TYPES.flatMap(([type, id]) => [
        created(type, id, { tags: TAGS }),
        created(type, `${id}-other`, { tags: others }),
      ]),
      created(identity, "agents,a-1", { ...POD_IDENTITY, associationId: "a-1" }),
      created(identity, "agents,a-2", { ...POD_IDENTITY, serviceAccount: "other", associationId: "a-2" }),
    ]);
    const words = ["resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=stack,Values=dev"];
    assert.deepEqual(JSON.parse(execFileSync("aws", words, { encoding: "utf8" })), {
      ResourceTagMappingList: [],
    });
    const found = await Promise.all(TYPES.map(([type]) => find(type, { tags: TAGS })));
    assert.deepEqual(
      found,
      TYPES.map(([, id]) => id),
    );
    assert.equal(await find(identity, { ...POD_IDENTITY, tags: TAGS }), "agents,a-1");
  });

  it("is asked for again if its service does not list it yet, and not found if that is deleted", async () => {
    const { importIds }: Pick<CloudOperations, "importIds"> = operations;
    const nat = (id: string, State: string) => ({
      NatGatewayId: id,
      State,
      Tags: Object.entries(TAGS).map(([Key, Value]) => ({ Key, Value })),
    });
    const answers = [[nat("nat-0", "deleted")], [nat("nat-0", "deleted"), nat("nat-1", "pending")]];
    const ask = async () => ({ NatGateways: answers.shift() });
    const search = importIds["aws:ec2/natGateway:NatGateway"];
    assert.equal(await search?.({ tags: TAGS }, { place: PLACE, known: new Set(), ask }), "nat-1");
  });
});
