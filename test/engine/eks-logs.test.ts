/**
 * Proves what is done about the log group of a control plane on EKS, which comes back after its deletion: `destroy` turns
 * the logs off before anything in the cloud is deleted, and `up` refuses a group that another cluster of the name has
 * left, with the command that deletes it, before anything is created. So does the group of the pods' logs, while the add-on
 * runs that writes them, and no group is left in the end. On the real engine, with a stub of AWS that does
 * not write logs.
 */
import assert from "node:assert/strict";

import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { EKS } from "./support/cloud-stacks";
import { changes } from "./support/events";
import { lifecycle } from "./support/lifecycle";
import { Stack } from "./support/stack";

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const CLUSTER = "aws:eks/cluster:Cluster";
const NAME = "/aws/eks/ralph-cluster/cluster";

describe("the logs of a control plane on EKS", () => {
  let stack: Stack;
  const clouds = () => stack.clouds ?? assert.fail("no stub cloud");

  before(async () => {
    await createCloudClasses();
    stack = await Stack.create({
      ...EKS,
      namespace: "eks-logs",
      config: {
        cluster: { api: { public: true }, deletionProtection: false, logs: { workloads: true } },
        monitoring: { install: "none" },
      },
    });
  });
  after(async () => {
    await stack.remove();
    await deleteCloudClasses();
  });

  it("of an earlier cluster are named before anything is created", async () => {
    await clouds().edit(() => [
      {
        plugin: "aws",
        token: LOG_GROUP,
        id: NAME,
        inputs: {},
        outputs: { arn: "arn:aws:cloudwatch:us-west-2:123456789012:logGroup/x", name: NAME },
        created: 0,
        ready: 0,
        serial: 0,
      },
    ]);
    const { code, stdout, stderr, operations } = await stack.preview();
    assert.notEqual(code, 0);
    assert.match(
      (stdout + stderr).replace(/\s+/g, " "),
      /log group \/aws\/eks\/ralph-cluster\/cluster exists, .* aws logs delete-log-group --log-group-name \/aws\/eks\/ralph-cluster\/cluster --region us-west-2/,
    );
    assert.deepEqual(
      changes(operations).filter(({ type }) => !type.startsWith("pulumi:pulumi:")),
      [],
    );
    await clouds().edit(() => []);
  });

  it("are turned off before the cluster is deleted", async () => {
    const up = await stack.up();
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const mark = clouds().ledger().length;
    const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
    assert.equal(code, 0, stdout + stderr);
    const [first, ...more] = clouds()
      .ledger()
      .slice(mark)
      .filter(
        ({ method, token = "", preview }) =>
          preview !== true && /^(Update|Delete)$/.test(method) && token.startsWith("aws:"),
      );
    assert.deepEqual([first?.method, first?.token, first?.message], ["Update", CLUSTER, "by aws"]);
    assert.ok(more.some(({ method, token }) => method === "Delete" && token === CLUSTER));
    assert.deepEqual(
      clouds()
        .inventory()
        .filter(({ token }) => token === LOG_GROUP),
      [],
    );
  });
});
