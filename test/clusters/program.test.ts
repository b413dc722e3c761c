/**
 * Proves how a cloud's program is called, with and without blocking alike: its exit code and output, variables, and why it
 * could not be started. And that EKS asks every question at once and each only once: a stand-in for aws notes its starts,
 * and answers none before all of them have been asked.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { prepareCluster } from "../../clusters";
import { account } from "../../clusters/eks/account";
import { ask, askAhead, clusterExists, read } from "../../clusters/eks/aws-cli";
import { schema } from "../../clusters/eks/config";
import { questions } from "../../clusters/eks/prepare";
import { callProgram, startProgram } from "../../clusters/program";
import { environment } from "../support/environment";
import { FOREIGN, PUBLIC } from "../support/eks";

describe("the program of a cloud", () => {
  const restore = environment();
  const dir = mkdtempSync(join(tmpdir(), "ralph-program-"));
  const install = (name: string, script: string): void => {
    writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, name), 0o755);
  };
  before(() => (process.env.PATH = [dir, process.env.PATH].join(delimiter)));
  after(() => {
    restore();
    rmSync(dir, { recursive: true });
  });

  const CASES: readonly (readonly [what: string, script: string, answer: object])[] = [
    ["answers", 'echo "$1 $TOKEN"', { code: 0, stdout: "a t\n", stderr: "" }],
    ["fails", "echo no >&2; exit 3", { code: 3, stdout: "", stderr: "no\n" }],
    ["is ended", "kill -9 $$", { code: undefined, stdout: "", stderr: "" }],
    ["hangs", "exec sleep 60", { code: undefined, stdout: "", stderr: "" }],
    ["waits for input that never comes", "cat; echo done", { code: 0, stdout: "done\n", stderr: "" }],
  ];
  for (const [what, script, expected] of CASES)
    it(`${what}, with and without blocking`, async () => {
      install("vendor", script);
      const call = {
        command: "vendor",
        args: ["a"],
        variables: { TOKEN: "t" },
        timeout: what === "hangs" ? 200 : 20_000,
      };
      for (const { code, stdout, stderr } of [callProgram(call), await startProgram(call)])
        assert.deepEqual({ code, stdout, stderr }, expected);
    });

  it("is missing, with and without blocking", async () => {
    const call = { command: "no-such-vendor", args: [], timeout: 20_000 };
    for (const { error, ...answer } of [callProgram(call), await startProgram(call)]) {
      assert.match(error?.message ?? "", /no-such-vendor ENOENT/);
      assert.deepEqual(answer, { stdout: "", stderr: "" });
    }
  });

  it("is asked by EKS for everything at once, and for each thing once", async () => {
    pulumi.runtime.setAllConfig(FOREIGN);
    const admins = ["arn:aws:iam::123456789012:role/a"];
    const config = schema.parse({ ...PUBLIC, name: "at-once", admins });
    const all = questions(config, false);
    assert.deepEqual(
      all.map((words) => [...words.slice(0, 2), words.at(-1)].join(" ")),
      [
        "eks describe-cluster at-once",
        "ec2 describe-availability-zones Name=state,Values=available",
        "ec2 describe-instance-type-offerings Name=instance-type,Values=t3.medium",
        "logs describe-log-groups /aws/eks/at-once/cluster",
        "eks describe-nodegroup workers",
        "eks describe-nodegroup workers-a",
        "eks describe-nodegroup workers-b",
        "sts get-caller-identity get-caller-identity",
      ],
    );
    // A preview gives no group its range.
    assert.equal(questions(config, true).length, all.length - 2);
    install(
      "aws",
      `echo "$*" >>${dir}/starts
       until [ "$(wc -l <${dir}/starts)" -ge ${all.length} ]; do sleep 0.05; done
       case "$*" in
         *describe-cluster*) echo "(ResourceNotFoundException)" >&2; exit 254 ;;
         *) echo "{\\"asked\\":\\"$2\\"}" ;;
       esac`,
    );
    await askAhead([...all, ...all]);
    assert.equal(clusterExists("at-once"), false);
    for (const words of all.slice(1))
      assert.deepEqual([ask(...words), read(...words)], [{ asked: words[1] }, { asked: words[1] }]);
    assert.equal(readFileSync(join(dir, "starts"), "utf8").trim().split("\n").length, all.length);
  });

  it("is asked whether the account can be used together with the rest, and refuses the run first", async () => {
    pulumi.runtime.setAllConfig(FOREIGN);
    process.env.PULUMI_NODEJS_MONITOR = "127.0.0.1:1";
    const cluster = schema.parse({ ...PUBLIC, name: "together" });
    const starts = join(dir, "together");
    const all = questions(cluster, pulumi.runtime.isDryRun()).length + 1;
    install(
      "aws",
      `echo "$*" >>${starts}
       until [ "$(wc -l <${starts})" -ge ${all} ]; do sleep 0.05; done
       echo "Unable to locate credentials" >&2; exit 253`,
    );
    await assert.rejects(
      prepareCluster({ cloud: "eks", cluster, account: account() }),
      /Unable to locate credentials\.? +aws sso login, or aws configure/,
    );
    assert.equal(readFileSync(starts, "utf8").trim().split("\n").length, all);
  });
});
