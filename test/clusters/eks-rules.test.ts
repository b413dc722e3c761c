/**
 * Proves that an invalid configuration of an EKS cluster is rejected before any resource is registered, with every
 * mistake reported by its key, its rule and a command that fixes it; and which warnings are printed.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { schema } from "../../clusters/eks/config";
import { warnings } from "../../clusters/eks/warnings";
import { ADMIN, FOREIGN, KEY, PUBLIC, run, withProgram } from "../support/eks";
import type { StackConfig } from "../support/stack";
import { BAD_CONFIGS } from "./eks-bad-configs";

describe("the configuration of an EKS cluster", () => {
  withProgram();

  for (const { name, cluster = PUBLIC, region, foreign: more, expected } of BAD_CONFIGS) {
    it(`is rejected: ${name}`, async () => {
      const foreign = region === undefined ? FOREIGN : region === null ? {} : { "aws:region": region };
      const found = await problemsOf(cluster, { ...foreign, ...more });
      assert.deepEqual(found.map(([key]) => key).sort(), expected.map(([key]) => key).sort());
      for (const [key, rule, fix] of expected) {
        const line = found.find(([each]) => each === key);
        assert.match(line?.[1] ?? "", rule);
        assert.equal(line?.[2], fix);
      }
    });
  }

  it("accepts a multi-Region key", async () => {
    const kmsKey = KEY.replace(/key\/.*/, "key/mrk-1234abcd12ab34cd56ef1234567890ab");
    await run({ ...PUBLIC, kmsKey }, {}, { foreign: FOREIGN });
  });

  it("accepts another identity of the provider if the kubeconfig has it too", async () => {
    const assumed = { "aws:assumeRoles": `[{"roleArn":"${ADMIN}"}]` };
    const auth = { roleArn: ADMIN };
    await run({ ...PUBLIC, auth, admins: [ADMIN] }, {}, { foreign: { ...FOREIGN, ...assumed } });
    const key = { "aws:accessKey": "AKIA" };
    await run({ ...PUBLIC, auth: { profile: "ops" } }, {}, { foreign: { ...FOREIGN, ...key } });
  });

  it("is rejected if the kubeconfig's program is missing", async () => {
    const { PATH } = process.env;
    process.env.PATH = "";
    try {
      const [[key, rule, fix] = [], ...more] = await problemsOf(PUBLIC, FOREIGN);
      assert.deepEqual([key, more], ["PATH", []]);
      assert.match(rule ?? "", /must contain aws, which the kubeconfig needs to authenticate/);
      assert.match(fix ?? "", /^https:\/\/docs\.aws\.amazon\.com\//);
    } finally {
      process.env.PATH = PATH;
    }
  });

  const WARNINGS: readonly (readonly [StackConfig, readonly RegExp[]])[] = [
    [{ nodes: { machineType: "t3.large" } }, []],
    [
      { nodes: { machineType: "t3.large", autoscaler: false } },
      [/^The node group stays at 3 nodes: .* nodes\.max 10 has no effect/],
    ],
    [{ nodes: { machineType: "t3.large", autoscaler: false, max: 3 } }, []],
    [
      { nodes: { machineType: "c7i.large" } },
      [/^A node of type c7i\.large has about 3\.3 GiB .*nodes\.machineType t3\.large$/],
    ],
    [{ nodes: { machineType: "t4g.medium" } }, [/nodes\.machineType t4g\.large$/, /linux\/arm64/]],
    [{ nodes: { machineType: "m7i.large", spot: true } }, [/^All spot nodes have the same type, m7i\.large/]],
    [{ nodes: { machineType: "m7i.large", spot: true, spotTypes: ["m6i.large"] } }, []],
    [{ nodes: { machineType: "m7g.large" } }, [/linux\/arm64/]],
    [
      {
        nodes: { machineType: "m7i.large", count: 2, min: 2, perZone: false },
        zones: ["x-1a", "x-1b", "x-1c"],
      },
      [/^2 nodes for 3 zones/],
    ],
    [{ nodes: { machineType: "m7i.large", count: 2, min: 2 }, zones: ["x-1a", "x-1b", "x-1c"] }, []],
    [{ nodes: { machineType: "m7i.large" }, version: "1.38" }, [/^Kubernetes 1\.38 is newer/]],
    [{ nodes: { machineType: "m7i.large" }, auth: { roleArn: ADMIN } }, [/ralph:cluster\.admins/]],
    [{ nodes: { machineType: "m7i.large" }, auth: { roleArn: ADMIN }, admins: [ADMIN] }, []],
  ];
  for (const [cluster, expected] of WARNINGS) {
    it(`causes ${expected.length} warnings: ${JSON.stringify(cluster)}`, () => {
      const messages = warnings(schema.parse({ ...PUBLIC, ...cluster }));
      assert.equal(messages.length, expected.length, messages.join("\n"));
      expected.forEach((text, i) => assert.match(messages[i] ?? "", text));
    });
  }
});

/** The table in the program's error; `run` itself asserts that nothing was registered. */
async function problemsOf(
  cluster: StackConfig,
  foreign: Readonly<Record<string, string>>,
): Promise<[key: string, rule: string, fix: string][]> {
  try {
    await run(cluster, {}, { foreign });
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    const [, ...lines] = error.message.split("\n");
    return lines.map((line) => {
      const [, key = "", rule = "", fix = ""] =
        /^ {2}(\S+) {2,}(.*?) {2,}((?:pulumi|https:) ?.*)$/.exec(line) ?? [];
      return [key, rule, fix];
    });
  }
  return assert.fail("the configuration was accepted");
}
