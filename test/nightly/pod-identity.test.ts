/**
 * Proves on a real node that a pod calls a model on Bedrock without a key: the real Claude Code, in the image of
 * runner/Dockerfile, asks the address of EKS's agent for credentials with the pod's own projected token, and signs its
 * calls with them; and that these credentials are in no log and no file. The stand-ins of the agent and of Bedrock are
 * processes of this machine, which owns the agent's address meanwhile. Needs Linux, root, packages.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import { covers } from "../../lib/cidr";
import { run } from "../../lib/process";
import { Progress } from "../../lib/progress";
import { type ControlPlane, startControlPlane } from "../../local/control-plane";
import { nodeImages } from "../../local/node/images";
import { nodeLayout } from "../../local/node/layout";
import { startNode, stopNode } from "../../local/node/node";
import { inspectMachine } from "../../local/node/requirements";
import { NODE_TOOLS } from "../../local/tools/pins";
import { ensureToolchain } from "../../local/tools/toolchain";
import { fixture } from "../engine/support/fixture";
import { kubectlAt, kubectlIn, type Live } from "../engine/support/kubectl";
import { Stack } from "../engine/support/stack";
import { Bedrock, ISSUED } from "../runner/support/bedrock";

const NAMESPACE = "pod-identity";
const MODEL = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
/** What EKS adds to a pod, and `extraEnv` and `extraVolumes` add here: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const AGENT = "169.254.170.23";
const AUDIENCE = "pods.eks.amazonaws.com";
const TOKEN = "eks-pod-identity-token";
const FOLDER = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
const SMALL = {
  requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "2", memory: "2Gi", "ephemeral-storage": "1Gi" },
};

describe("a pod with an identity of EKS, on a real node", () => {
  let bedrock: Bedrock;
  let plane: ControlPlane;
  let stack: Stack;
  let dir: string;
  let leaveAddress: (() => void) | undefined;

  const kubectl = (...args: string[]): Promise<string> => kubectlIn(plane, NAMESPACE)(...args);

  before(async function () {
    this.timeout(20 * 60_000); // image, kubelet and Ralph may have to be built
    const machine = inspectMachine();
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    if (!("programs" in machine) || own.some(({ address }) => address === AGENT)) return this.skip();
    const images = await nodeImages(machine, new Progress(2), { agents: ["claude"] });
    const { paths, provider } = fixture().toolchain;
    const toolchain = { provider, paths: { ...paths, ...(await ensureToolchain(NODE_TOOLS)).paths } };

    const change = (what: string, ...more: string[]): void =>
      void execFileSync(machine.programs.ip, ["address", what, `${AGENT}/32`, "dev", "lo", ...more]);
    // The kernel takes it back by itself if this process cannot.
    change("add", ...["valid_lft", "3600", "preferred_lft", "3600"]);
    leaveAddress = () => change("del");
    process.once("exit", leaveAddress); // of a run that a signal ends, too
    bedrock = await Bedrock.start(
      MODEL,
      { agent: [AGENT, 80], api: [machine.address, 0] },
      "All done.\nLOOP_COMPLETE",
    );

    dir = join(fixture().dir, NAMESPACE);
    plane = await startControlPlane({ dir, name: fixture().plane.name, toolchain, nodes: 0 });
    await startNode({ dir, plane, machine, toolchain, images });
    stack = await Stack.create({
      namespace: `${NAMESPACE}-stack`,
      kubeconfig: plane.kubeconfig,
      config: {
        namespace: NAMESPACE,
        apiKeys: undefined,
        config: { agent: "smoke" },
        models: { claude: { via: "bedrock", region: "eu-west-1", model: MODEL } },
        resources: SMALL,
        prompts: { "call.md": "# Call it\n\nCall the model." },
        tasks: [{ name: "call", agent: "claude", prompt: "call.md" }],
        schedules: [],
        extraEnv: Object.entries({
          ...bedrock.variables,
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${FOLDER}/${TOKEN}`,
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        }).map(([name, value]) => ({ name, value })),
        extraVolumes: [
          {
            name: TOKEN,
            projected: {
              sources: [
                { serviceAccountToken: { audience: AUDIENCE, expirationSeconds: 86_400, path: TOKEN } },
              ],
            },
          },
        ],
        extraVolumeMounts: [{ name: TOKEN, mountPath: FOLDER, readOnly: true }],
        networkPolicy: {
          allow: [
            { cidr: `${AGENT}/32`, ports: [80] },
            { cidr: `${machine.address}/32`, ports: [bedrock.apiPort] },
          ],
        },
      },
    });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
  });
  after(async function () {
    this.timeout(180_000);
    await stack?.remove();
    if (dir !== undefined) await stopNode(dir);
    await plane?.stop();
    await bedrock?.stop();
    if (leaveAddress === undefined) return;
    process.removeListener("exit", leaveAddress);
    leaveAddress();
  });

  it("completes a task, by calls that are signed with the credentials of its identity", async function () {
    this.timeout(300_000);
    const wait = ["wait", "job/call", "--for=condition=Complete", "--timeout=200s"];
    await kubectlIn(plane, NAMESPACE, 210_000)(...wait);
    assert.match(await kubectl("logs", "job/call"), / msg=completed prompt=call iterations=1 /);
    assert.deepEqual(
      [...new Set(bedrock.calls.map(({ signedBy }) => signedBy))],
      [`${ISSUED.AccessKeyId}/eu-west-1/bedrock`],
    );
  });

  it("got them with its own token, which is for that audience alone", async () => {
    const [token, ...others] = new Set(bedrock.tokens);
    assert.deepEqual(others, []);
    const review = async (audience: string): Promise<Live["status"]> => {
      const object = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token, audiences: [audience] },
      };
      const answer = await kubectlAt(plane, ["create", "-o=json", "-f", "-"], object);
      return (JSON.parse(answer) as Live).status;
    };
    const { authenticated, audiences, user } = await review(AUDIENCE);
    assert.deepEqual([authenticated, audiences], [true, [AUDIENCE]]);
    assert.equal(user.username, `system:serviceaccount:${NAMESPACE}:ralph-sa`);
    assert.deepEqual(user.extra["authentication.kubernetes.io/pod-name"], [
      await kubectl("get", "pods", "--selector=job-name=call", "-o=jsonpath={.items[*].metadata.name}"),
    ]);
    assert.notEqual((await review("https://kubernetes.default.svc.cluster.local")).authenticated, true);
  });

  it("has the secrets of its identity in no log and no file", async () => {
    const { logs, dir: node, kubelet, volumes } = nodeLayout(dir);
    const found = async (text: string): Promise<string> =>
      (await run("grep", ["-rlsaF", "-e", text, logs, join(node, "pods"), kubelet, volumes])).stdout;
    assert.notEqual(await found("msg=completed"), "");
    for (const secret of [ISSUED.SecretAccessKey, ISSUED.Token]) assert.equal(await found(secret), "");
  });

  it("may reach one port of the agent's address, and nothing else on the node's links", async () => {
    const policies = JSON.parse(await kubectl("get", "networkpolicies", "-o=json")) as {
      items: { spec: { egress: { to?: Peer[]; ports?: object[] }[] } }[];
    };
    const open = policies.items.flatMap(({ spec: { egress } }) =>
      egress.filter(({ to }) => to === undefined || to.some(({ ipBlock }) => reaches(ipBlock, AGENT))),
    );
    assert.deepEqual(open, [
      { to: [{ ipBlock: { cidr: `${AGENT}/32` } }], ports: [{ port: 80, protocol: "TCP" }] },
    ]);
  });
});

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

const reaches = (block: Peer["ipBlock"], address: string): boolean =>
  block !== undefined &&
  covers(block.cidr, `${address}/32`) &&
  !(block.except ?? []).some((range) => covers(range, `${address}/32`));
