/**
 * Proves, with the real Claude Code, that the variables which the workload sets and those which EKS adds to a pod are
 * enough to call a model without a key: it fetches credentials by the pod's token, signs with them, and calls the one
 * model that access is granted to. The stand-ins are on loopback, which AWS's SDK accepts in place of the address on the
 * node.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";

import { chooseAgent } from "../../runner/src/agents";
import { AGENTS } from "../../runner/src/contract";
import { type RalphConfig, schema } from "../../workload/keys";
import { configData } from "../../workload/resources/configmap";
import { Bedrock, ISSUED } from "../runner/support/bedrock";
import { agentsOrSkip } from "./support/agents";

const MODEL = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const CONFIG = z.object(schema).parse({
  models: { claude: { via: "bedrock", region: "eu-west-1", model: MODEL } },
}) as RalphConfig;

describe("an agent with its pod's identity on EKS", () => {
  let programs: string;
  let folder: string;
  let bedrock: Bedrock;
  before(async function () {
    programs = await agentsOrSkip(this, "claude");
    folder = mkdtempSync(join(tmpdir(), "model-identity-"));
    bedrock = await Bedrock.start(MODEL);
  });
  after(async () => {
    await bedrock.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("calls the model, signed with the credentials that the cloud gave to its token", async () => {
    const token = join(folder, "eks-pod-identity-token");
    const home = join(folder, "home");
    writeFileSync(token, "token-of-the-pod");
    mkdirSync(home);
    const agent = chooseAgent("claude", {
      PATH: `${programs}:${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: home,
      ...configData(CONFIG),
      ...bedrock.variables,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
      CLAUDE_CODE_MAX_RETRIES: "0",
      IS_SANDBOX: "1", // Claude Code's guard against root, as which this test may run
    });
    assert.ok(typeof agent !== "string", String(agent));
    const { args, input } = AGENTS.claude.probe;
    const child = spawn(agent.program, args, { cwd: home, env: agent.env });
    child.stdin.end(input);
    const output = await text(child.stdout);
    const result = output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { type: string; result?: string })
      .find(({ type }) => type === "result");
    assert.equal(result?.result, "OK", output);

    assert.deepEqual([...new Set(bedrock.tokens)], ["token-of-the-pod"]);
    assert.deepEqual(
      [...new Set(bedrock.calls.map(({ signedBy }) => signedBy))],
      [`${ISSUED.AccessKeyId}/eu-west-1/bedrock`],
    );
  });
});
