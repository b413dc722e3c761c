/**
 * Proves that the stub of @pulumi/eks's component registers what the real one registers, from the same inputs:
 * recorded/eks-component.json has that, and its source. Also that it requires the AWS CLI that the real one requires,
 * records the profile of the user in the same cases, and waits for an API server for a limited time.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { requireAwsCli } from "../../stub-clouds/eks/aws-cli";
import { EksCluster } from "../../stub-clouds/eks/component";
import { waitUntilHealthy } from "../../stub-clouds/eks/health";
import { type Registered, runStack, type StackRun } from "../support/stack";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}
interface Recorded {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly made: readonly Made[];
}
const { runs } = JSON.parse(readFileSync("test/stub-clouds/recorded/eks-component.json", "utf8")) as {
  readonly runs: readonly [Recorded, Recorded];
};

/** The outputs that the recorded runs had. */
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "aws:iam/role:Role": {
    id: "role-1a2b3c4",
    name: "role-1a2b3c4",
    arn: "arn:aws:iam::123456789012:role/cluster-eksRole-role-1a2b3c4",
  },
  "aws:eks/cluster:Cluster": {
    arn: "arn:aws:eks:us-west-2:123456789012:cluster/ralph-cluster",
    endpoint: "https://0A1B.gr7.us-west-2.eks.amazonaws.com",
    certificateAuthority: { data: "Q0E=" },
  },
};

const construct = (inputs: Recorded["inputs"], foreign: Record<string, string> = {}): Promise<StackRun> =>
  runStack({
    types: /^(aws|eks):/,
    outputs: (type) => OUTPUTS[type],
    calls: { "aws:index/getPartition:getPartition": { partition: "aws" } },
    preview: true,
    foreign,
    program: () => void new EksCluster("cluster", inputs, {}),
  });

/** What a provider receives: the engine replaces a reference to the role by its id. */
const received = (inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  ...inputs,
  ...(typeof inputs.role === "object" ? { role: OUTPUTS["aws:iam/role:Role"]?.id } : {}),
});

const own = ({ resources }: StackRun): readonly Registered[] =>
  resources.filter(({ type }) => type !== "pulumi:pulumi:Stack");
const byName = <T extends { name: string }>(all: readonly T[]): T[] =>
  [...all].sort((x, y) => (x.name < y.name ? -1 : 1));

describe("the stub of the EKS component", () => {
  for (const [i, { inputs, made }] of runs.entries())
    it(`registers what the real one does, from recorded inputs ${i + 1}`, async () => {
      const registered = own(await construct(inputs));
      assert.deepEqual(
        byName(registered.map(({ type, name, inputs: given }) => ({ type, name, inputs: received(given) }))),
        byName(made),
      );
      const parents = registered.map(({ name, parent }) => [name, parent.split("::").at(-1)]);
      assert.deepEqual(Object.fromEntries(parents), {
        cluster: "ralph-test",
        "cluster-eksRole": "cluster",
        "cluster-eksRole-role": "cluster-eksRole",
        "cluster-eksRole-4b490823": "cluster-eksRole",
        "cluster-eksCluster": "cluster",
        "cluster-eks-k8s": "cluster",
      });
    });

  describe("connects", () => {
    const { inputs } = runs[0];
    const { AWS_PROFILE } = process.env;
    afterEach(() => {
      if (AWS_PROFILE === undefined) delete process.env.AWS_PROFILE;
      else process.env.AWS_PROFILE = AWS_PROFILE;
    });
    const options = async (given: object, profile?: string, foreign = {}): Promise<string[]> => {
      if (profile === undefined) delete process.env.AWS_PROFILE;
      else process.env.AWS_PROFILE = profile;
      const { find } = await construct({ ...inputs, ...given }, foreign);
      const { kubeconfig } = find("pulumi:providers:kubernetes", "cluster-eks-k8s").inputs as {
        kubeconfig: string;
      };
      const { users } = JSON.parse(kubeconfig) as { users: { user: { exec: { args: string[] } } }[] };
      return users[0]?.user.exec.args.slice(8) ?? [];
    };

    it("as the user who ran the program, unless it gets credentials", async () => {
      const configured = { "aws:profile": "configured" };
      assert.deepEqual(await options({}), []);
      assert.deepEqual(await options({}, undefined, configured), ["--profile", "configured"]);
      assert.deepEqual(await options({}, "dev", configured), ["--profile", "dev"]);
      assert.deepEqual(await options({ providerCredentialOpts: {} }, "dev", configured), []);
      const role = { roleArn: "arn:aws:iam::123456789012:role/ci", profileName: "ci" };
      assert.deepEqual(await options({ providerCredentialOpts: role }, "dev"), [
        ...["--role", role.roleArn],
        ...["--profile", role.profileName],
      ]);
    });
  });

  it("requires a current AWS CLI", () => {
    const dir = mkdtempSync(join(tmpdir(), "aws-cli-"));
    const { PATH } = process.env;
    try {
      process.env.PATH = dir;
      assert.throws(requireAwsCli, /Could not find aws CLI for EKS/);
      const versions = [
        ["1.23.9", /At least v1\.24\.0 of aws-cli is required. Current version is: 1\.23\.9/],
        ["1.24.0", undefined],
        ["2.6.4", /At least v2\.7\.0 of aws-cli is required. Current version is: 2\.6\.4/],
        ["2.7.0", undefined],
        ["2.31.13", undefined],
        ["3.0.0", undefined],
      ] as const;
      for (const [version, refused] of versions) {
        const script = `#!/bin/sh\necho "aws-cli/${version} Python/3.13.7 Linux/6.8.0 exe/x86_64"\n`;
        writeFileSync(join(dir, "aws"), script, { mode: 0o755 });
        if (refused === undefined) requireAwsCli();
        else assert.throws(requireAwsCli, refused);
      }
    } finally {
      process.env.PATH = PATH;
      rmSync(dir, { recursive: true });
    }
  });

  it("goes on without an error if the API server never becomes healthy", async () => {
    // Answers every request, and none by TLS.
    let requests = 0;
    const server = createServer().on("connection", () => requests++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await waitUntilHealthy(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, 0);
    server.close();
    assert.equal(requests, 60);
  });
});
