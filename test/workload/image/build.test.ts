/**
 * Proves what `image.build` makes of runner/ on each kind of cluster: what is built, for which processors, where
 * it is pushed, and that every pod runs it by its digest. And each reason for which a machine or a configuration
 * cannot build, beside the other problems. On mocks: test/engine/image.test.ts has the engine and the plugin.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { cloud, type CloudName } from "../../../clusters";
import type { ClusterTraits } from "../../../clusters/types";
import { installDocker } from "../../../stub-clouds/docker";
import * as eks from "../../support/eks";
import * as gke from "../../support/gke";
import { BASE, runStack, type StackConfig, type StackRun } from "../../support/stack";

const IMAGE = "docker-build:index:Image";
const DIGEST = `sha256:${"0a".repeat(32)}`;
const REPOSITORY = "registry.example.com/team/ralph";

const build = (config: StackConfig): Promise<StackRun> =>
  runStack({
    config: { ...BASE, ...config },
    types: /^docker-build:/,
    outputs: (type) => (type === IMAGE ? { digest: DIGEST } : undefined),
  });

/** The images of all pods. */
const images = ({ ofType }: StackRun): string[] =>
  [
    ...ofType("kubernetes:apps/v1:Deployment").map(({ inputs }) => inputs.spec.template),
    ...ofType("kubernetes:batch/v1:Job").map(({ inputs }) => inputs.spec.template),
    ...ofType("kubernetes:batch/v1:CronJob").map(({ inputs }) => inputs.spec.jobTemplate.spec.template),
  ].map((template) => template.spec.containers[0].image as string);

describe("image.build", () => {
  const { PATH } = process.env;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ralph-docker-"));
    installDocker(folder);
    process.env.PATH = [folder, PATH].join(delimiter);
  });
  afterEach(() => {
    process.env.PATH = PATH;
    delete process.env.DOCKER_CONFIG;
    rmSync(folder, { recursive: true });
  });

  it("builds runner/ for the nodes' processors, pushes it, and deploys the digest", async () => {
    const run = await build({
      cluster: { ...BASE.cluster, architectures: ["amd64", "arm64"] },
      image: { build: true, repository: REPOSITORY, tag: "2026-11" },
    });
    assert.deepEqual(
      run.ofType(IMAGE).map(({ inputs }) => inputs as object),
      [
        {
          context: { location: "../runner" },
          dockerfile: { location: "../runner/Dockerfile" },
          network: "default", // the SDK's
          platforms: ["linux/amd64", "linux/arm64"],
          tags: [`${REPOSITORY}:2026-11`],
          push: true,
          buildOnPreview: false,
        },
      ],
    );
    assert.deepEqual(new Set(images(run)), new Set([`${REPOSITORY}@${DIGEST}`]));
    assert.ok(existsSync("runner/Dockerfile"), "what is built, seen from the program's folder");
  });

  it("puts the agents and packages that are asked for on the base that is asked for", async () => {
    const run = await build({
      image: {
        build: true,
        repository: REPOSITORY,
        agents: ["claude", "codex"],
        packages: ["python3", "g++"],
        base: "registry.example.com/base/debian:13",
      },
    });
    assert.deepEqual(run.ofType(IMAGE)[0]?.inputs.buildArgs, {
      AGENTS: "claude codex",
      PACKAGES: "python3 g++",
      BASE: "registry.example.com/base/debian:13",
    });
    // Each is an argument of the Dockerfile.
    const dockerfile = readFileSync("runner/Dockerfile", "utf8");
    for (const name of ["AGENTS", "PACKAGES", "BASE"])
      assert.match(dockerfile, new RegExp(`^ARG ${name}=`, "m"));
  });

  it("pushes to the cluster's own registry where no other is named", async () => {
    process.env.DOCKER_CONFIG = join(folder, "logins");
    for (const program of [gke.PLUGIN, "gcloud"])
      writeFileSync(join(folder, program), "#!/bin/sh\necho canary\n", { mode: 0o755 });
    const made = await runStack({
      config: { cloud: "gke", cluster: gke.PUBLIC, image: { build: true } },
      foreign: gke.FOREIGN,
      types: /^(gcp|docker-build):/,
      outputs: (type, inputs) => (type === IMAGE ? { digest: DIGEST } : gke.outputs(type, inputs)),
    });
    const name = "us-central1-docker.pkg.dev/acme-agents/ralph-cluster/ralph-orchestrator";
    assert.deepEqual(made.ofType(IMAGE)[0]?.inputs.tags, [`${name}:v1.0.0`]);
    assert.deepEqual(new Set(images(made)), new Set([`${name}@${DIGEST}`]));
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "logins", "config.json"), "utf8")), {
      auths: {
        "us-central1-docker.pkg.dev": { auth: Buffer.from("oauth2accesstoken:canary").toString("base64") },
      },
    });
    assert.doesNotMatch(JSON.stringify(made.resources), /canary/);
  });

  it("registers nothing where it is off: the pods' image is the one that the configuration names", async () => {
    const run = await build({ image: { repository: REPOSITORY, digest: DIGEST } });
    assert.deepEqual(run.ofType(IMAGE), []);
    assert.deepEqual(new Set(images(run)), new Set([`${REPOSITORY}@${DIGEST}`]));
    assert.deepEqual(
      new Set(images(await build({}))),
      new Set(["ghcr.io/mikeyobrien/ralph-orchestrator:v1.0.0"]),
    );
  });

  it("must contain the agents that are named, each of which has a program for the nodes' processors", async () => {
    const image = { build: true, repository: REPOSITORY };
    const task = { name: "task", agent: "q", prompt: "task.md" };
    const message = await refusal({
      cluster: { ...BASE.cluster, architectures: ["arm64"] },
      image: { ...image, agents: ["claude", "amp"] },
      config: { agent: "codex" },
      tasks: [task],
    });
    for (const line of [
      /ralph:config\.agent +must be in image\.agents; it is "codex" +pulumi config set --path 'ralph:image\.agents\[2\]' codex$/m,
      /ralph:tasks\[0\]\.agent +must be an agent that npm has, or in an image\.base of yours; it is "q" +pulumi config set --path ralph:image\.base /m,
      /ralph:image\.agents\[1\] +must have a program for arm64, which cluster\.architectures has; it is "amp" +pulumi config rm /m,
    ])
      assert.match(message, line);
    assert.match(message, /^3 problems/m);
    const made = await build({ image: { ...image, base: "kiro" }, tasks: [task] });
    assert.equal(made.ofType(IMAGE).length, 1);
  });

  const instead = "pulumi config set --path ralph:image.build false";
  for (const [name, docker, rule, fix] of [
    ["no docker", "exit 127", "is true, but no docker is on PATH", "https://docs.docker.com/engine/install/"],
    [
      "no buildx",
      `[ "$1" != buildx ]`,
      "is true, but docker has no buildx",
      "https://docs.docker.com/build/",
    ],
    ["no engine", `[ "$1" != version ]`, "is true, but no Docker engine answers", "DOCKER_HOST"],
  ] as const) {
    it(`is refused on a machine with ${name}, beside all other problems, with the ways out`, async () => {
      writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}\n`);
      const message = await refusal({ image: { build: true, repository: REPOSITORY }, replicaCount: -1 });
      assert.match(message, /^2 problems in the configuration of stack test; nothing was changed\.$/m);
      assert.match(message, /^ {2}ralph:replicaCount /m);
      const row = message.split("\n").find((line) => line.includes("ralph:image.build ")) ?? "";
      for (const part of [rule, fix, instead]) assert.ok(row.includes(part), row);
    });
  }

  it("is refused beside a digest, and where there is no registry to push to", async () => {
    const message = await refusal({ image: { build: true, digest: DIGEST } });
    assert.deepEqual(
      message.split("\n").map((line) => line.trim().split(/ {2,}/)),
      [
        ["2 problems in the configuration of stack test; nothing was changed."],
        [
          "ralph:image.digest",
          "must not be set: image.build creates the image, and its digest with it",
          "pulumi config rm --path ralph:image.digest",
        ],
        [
          "ralph:image.repository",
          "is missing: image.build pushes to it, and the cluster has no registry of its own",
          "pulumi config set --path ralph:image.repository <registry>/<image>",
        ],
      ],
    );
  });
});

async function refusal(config: StackConfig): Promise<string> {
  try {
    await build(config);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}

describe("the processors that an image is built for", () => {
  const traits = (name: CloudName, cluster: object): ClusterTraits => {
    const { schema, traits: of } = cloud(name);
    return of(schema.parse(cluster));
  };
  const machine = (machineType: string) => ({ nodes: { machineType } });
  for (const [name, cluster, architecture] of [
    ["gke", machine("n1-standard-2"), "amd64"],
    ["gke", machine("t2a-standard-4"), "arm64"],
    ["gke", machine("c4a-highmem-8"), "arm64"],
    ["eks", { ...eks.PUBLIC, ...machine("t3.medium") }, "amd64"],
    ["eks", { ...eks.PUBLIC, ...machine("m7g.large") }, "arm64"],
    ["aks", machine("Standard_DS2_v2"), "amd64"],
    ["aks", machine("Standard_D4ps_v6"), "arm64"],
    ["existing", {}, "amd64"],
    ["existing", { architectures: ["arm64"] }, "arm64"],
  ] as const) {
    it(`${name} ${JSON.stringify(cluster)}: ${architecture}`, () =>
      assert.deepEqual(traits(name, cluster).architectures, [architecture]));
  }
});
