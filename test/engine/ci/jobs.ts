/** The jobs of CI on one cloud, each on a machine of its own, with identities that docs/ci.md's own commands create. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { StubClouds } from "../../../stub-clouds/install";
import { RECORD_TAG } from "../../../operations/ephemeral/record";
import { blocksOf } from "../../support/page";
import { gitlabClaims, jobClaims, SUBJECTS } from "../../support/oidc";
import { environmentOf, type Identities, type Kind, setUp, subjectOf } from "../../support/trust";
import { createCloudClasses, deleteCloudClasses } from "../support/cloud-classes";
import type { CloudStack } from "../support/cloud-stacks";
import { runJob } from "../support/github-job";
import { runGitlabJob } from "../support/gitlab-job";
import { everything, kubectl } from "../support/kubectl";
import { Newcomer } from "../support/newcomer";

const NAMESPACE = "ralph-orchestrator";

/** What the committed stack file leaves open; the chart is on the internet, and monitoring.test.ts installs one. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  gke: ["gcp:project=acme-agents"],
  eks: ["ralph:cluster.admins[0]=arn:aws:iam::123456789012:role/ephemeral-eks-cleanup"],
  aks: [
    "ralph:cluster.admins[0].objectId=11111111-2222-3333-4444-555555555555",
    "ralph:cluster.admins[0].type=ServicePrincipal",
    "ralph:cluster.admins[1].objectId=66666666-7777-8888-9999-000000000000",
    "ralph:cluster.admins[1].type=ServicePrincipal",
  ],
};
const settings = (cloud: string, tag: string): string =>
  [...(SETTINGS[cloud] ?? []), "ralph:monitoring.install=none", `ralph:image.tag=${tag}`].join("\n");

/** The stack of the merge request, which the jobs of both create. */
const stackOf = (cloud: string): string => `pr-7-${cloud}`;

/** A job that deletes a cluster; those that reap delete what has expired. */
export type Deleter = "GitHub's down" | "GitHub's reap" | "GitLab's ephemeral down" | "GitLab's reap";
const DELETERS: readonly Deleter[] = [
  "GitHub's down",
  "GitHub's reap",
  "GitLab's ephemeral down",
  "GitLab's reap",
];

/** Defines the tests of a cloud's jobs, from the creation of a cluster to its deletion by the job of this name. */
export function jobsOf({ from: cloud, plugins }: CloudStack, deleter: Deleter): void {
  const stack = stackOf(cloud);
  const machines: Newcomer[] = [];
  let owner: Newcomer;
  let clouds: StubClouds;
  let identities: Readonly<Record<Kind, Identities>>;
  let gitlab: Identities;

  const machine = (): Newcomer => {
    const created = new Newcomer(`ci-${cloud}-${machines.length}`, ["docker-build", ...plugins], clouds?.dir);
    machines.push(created);
    return created;
  };
  const artifact = (name: string): string => join(owner.dir, "artifacts", name);
  const inventory = (): readonly unknown[] => clouds.inventory();
  /** The images that a job has pushed. */
  async function pushedBy(job: () => Promise<unknown>): Promise<unknown[]> {
    const mark = clouds.ledger().length;
    await job();
    return clouds
      .ledger()
      .slice(mark)
      .filter(
        ({ plugin, preview, method }) =>
          plugin === "docker-build" && preview !== true && /Create|Update/.test(method),
      )
      .map(({ outcome }) => outcome);
  }

  async function githubJob(workflow: string, job: string, kind: Kind, on = machine()): Promise<Newcomer> {
    await runJob({
      workflow,
      job,
      machine: on,
      artifacts: join(owner.dir, "artifacts"),
      claims: (audience) => jobClaims(SUBJECTS.new, environmentOf(kind, cloud), audience),
      context: {
        "github.event_name": workflow === "reap.yml" ? "schedule" : "pull_request",
        "matrix.cloud": cloud,
        "matrix.stack": stack,
        "needs.select.outputs.name": "pr-7",
        "vars.PULUMI_BACKEND_URL": owner.backend,
        "vars.EPHEMERAL_SETTINGS": settings(cloud, "github"),
        ...variablesOf(identities[kind]),
      },
    });
    return on;
  }
  async function gitlabJob(job: string, on = machine()): Promise<Newcomer> {
    await runGitlabJob({
      job: `${job} ${cloud}`,
      machine: on,
      claims: gitlabClaims,
      variables: {
        ...gitlab.variables,
        AWS_ROLE_ARN: gitlab.variables.AWS_ROLE ?? "",
        PULUMI_BACKEND_URL: owner.backend,
        EPHEMERAL_SETTINGS: settings(cloud, "gitlab"),
        ...(job === "preview" ? { STACK: stack } : {}),
      },
    });
    return on;
  }

  const run = async (which: Deleter): Promise<unknown> =>
    which === "GitHub's down"
      ? githubJob("ephemeral.yml", "down", "cleanup")
      : which === "GitHub's reap"
        ? githubJob("reap.yml", "reap", "cleanup")
        : gitlabJob(which.replace("GitLab's ", ""));

  /** A machine with the stack's file, as if it were committed. */
  function withStackFile(creator: Newcomer): Newcomer {
    const file = `Pulumi.${stack}.yaml`;
    const created = machine();
    cpSync(join(creator.tree, ".local/ephemeral", stack, file), join(created.tree, file));
    return created;
  }
  const hasNoChange = (text: string): void => {
    assert.match(text, /\d+ unchanged/);
    assert.doesNotMatch(text, /\d+ to (create|update|replace|delete)/);
  };

  /** Moves the end of the stack's lifetime into the past, where the backend and the state have it. */
  async function expire(): Promise<void> {
    const past = "2026-01-01T00:00:00Z";
    const pulumi = async (command: string): Promise<string> => {
      const { code, stdout, stderr } = await owner.run(`pulumi stack ${command} --stack ${stack}`);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const record = JSON.parse(await pulumi(`tag get ${RECORD_TAG}`)) as object;
    await pulumi(`tag set ${RECORD_TAG} '${JSON.stringify({ ...record, expires: past })}'`);
    const state = JSON.parse(await pulumi("export")) as Checkpoint;
    for (const { type, outputs } of state.deployment.resources)
      if (type === "pulumi:pulumi:Stack" && outputs !== undefined) outputs.lifetime = { expires: past };
    const file = join(owner.dir, "state.json");
    writeFileSync(file, JSON.stringify(state));
    await pulumi(`import --file ${file}`);
  }

  before(async () => {
    await createCloudClasses();
    owner = machine();
    clouds = owner.clouds;
    const { dir } = owner;
    mkdirSync(join(dir, "artifacts"));
    const create = (kind: Kind) => setUp({ clouds, dir, kind, subject: subjectOf("new") });
    identities = {
      preview: await create("preview"),
      ephemeral: await create("ephemeral"),
      cleanup: await create("cleanup"),
    };
    gitlab = await setUp({ clouds, dir, kind: "ephemeral", subject: "", on: "gitlab" });
    const [register = ""] = blocksOf("docs/clouds/aks.md")
      .flat()
      .filter((line) => line.includes("provider register"));
    const { code, stderr } = await owner.run(`az login && ${register}`);
    assert.equal(code, 0, stderr);
  });
  after(async () => {
    await kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found");
    for (const each of machines.reverse()) each.remove();
    await deleteCloudClasses();
  });

  let creator: Newcomer;

  it("GitHub's create a cluster, with the image in its registry", async () => {
    assert.deepEqual(
      await pushedBy(async () => (creator = await githubJob("ephemeral.yml", "up", "ephemeral"))),
      ["ok"],
    );
    // By this name `down` of the same run knows a lock of a lost machine.
    assert.match(readFileSync(artifact(`host-${cloud}`), "utf8"), /^gh-17-1-[0-9a-f]{8}\n$/);
    assert.ok((await everything(NAMESPACE)).some(({ kind }) => kind === "Deployment"));
  });

  it("GitHub's preview it as it is, once its API server answers", async () => {
    await githubJob("preview.yml", "preview", "preview", withStackFile(creator));
    hasNoChange(readFileSync(join(artifact(`previews-${stack}`), `${stack}.preview.txt`), "utf8"));
  });

  it("GitHub's reap keeps it while it lives", async () => {
    const before = inventory();
    await run("GitHub's reap");
    assert.deepEqual(inventory(), before);
  });

  it("GitLab's push an image to the same cluster", async () => {
    assert.deepEqual(await pushedBy(async () => (creator = await gitlabJob("ephemeral up"))), ["ok"]);
  });

  it("GitLab's preview it as it is", async () => {
    const { tree } = await gitlabJob("preview", withStackFile(creator));
    hasNoChange(readFileSync(join(tree, "plans", `${stack}.preview.txt`), "utf8"));
  });

  it(`${deleter} deletes all of it`, async () => {
    if (deleter.endsWith("reap")) await expire();
    await run(deleter);
    assert.deepEqual(inventory(), []);
    assert.deepEqual(await everything(NAMESPACE), []);
  });

  for (const other of DELETERS.filter((each) => each !== deleter))
    it(`${other} has nothing left to delete then`, async () => {
      await run(other);
      assert.deepEqual(inventory(), []);
    });
}

interface Checkpoint {
  readonly deployment: {
    readonly resources: readonly { readonly type: string; readonly outputs?: Record<string, unknown> }[];
  };
}

const variablesOf = ({ variables }: Identities): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`vars.${name}`, value]));
