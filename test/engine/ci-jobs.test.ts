/**
 * Proves that the jobs of CI that create and delete a cluster work on each cloud, with no login but the one that the job's
 * token gives, and with the identities that docs/ci.md's own commands create: those of .github/workflows/ephemeral.yml
 * and of docs/ci/gitlab-ci.yml, whose scripts run as printed, each job on a machine of its own. Both push an image. What
 * others' actions do is written here after their sources, and signatures of tokens are not checked.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { StubClouds } from "../../stub-clouds/install";
import type { StubName } from "../../stub-clouds/types";
import { blocksOf } from "../support/page";
import { gitlabClaims, jobClaims, SUBJECTS } from "../support/oidc";
import { environmentOf, type Identities, setUp, subjectOf } from "../support/trust";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { AKS, type CloudStack, EKS, GKE } from "./support/cloud-stacks";
import { runJob } from "./support/github-job";
import { runGitlabJob } from "./support/gitlab-job";
import { everything, kubectl } from "./support/kubectl";
import { Newcomer } from "./support/newcomer";

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

const CLOUDS: readonly CloudStack[] = [GKE, EKS, AKS];
const PLUGINS: readonly StubName[] = ["docker-build", ...CLOUDS.flatMap(({ plugins }) => plugins)];

describe("the jobs of CI", function () {
  this.timeout("480s");
  const machines: Newcomer[] = [];
  let owner: Newcomer;
  let clouds: StubClouds;
  let creators: Identities;
  let cleaners: Identities;
  let gitlab: Identities;

  const machine = (name: string): Newcomer => {
    const created = new Newcomer(`ci-${name}`, PLUGINS, clouds?.dir);
    machines.push(created);
    return created;
  };
  /** The images that were pushed since a mark. */
  const pushed = (mark: number): unknown[] =>
    clouds
      .ledger()
      .slice(mark)
      .filter(
        ({ plugin, preview, method }) =>
          plugin === "docker-build" && preview !== true && /Create|Update/.test(method),
      )
      .map(({ outcome }) => outcome);

  before(async () => {
    await createCloudClasses();
    owner = machine("owner");
    clouds = owner.clouds;
    const { dir } = owner;
    creators = await setUp({ clouds, dir, kind: "ephemeral", subject: subjectOf("new") });
    cleaners = await setUp({ clouds, dir, kind: "cleanup", subject: subjectOf("new") });
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

  for (const { from: cloud } of CLOUDS) {
    const githubJob = (job: "up" | "down", name: string) => {
      const kind = job === "up" ? "ephemeral" : "cleanup";
      const artifacts = join(owner.dir, "artifacts");
      mkdirSync(artifacts, { recursive: true });
      return runJob({
        workflow: "ephemeral.yml",
        job,
        machine: machine(`${cloud}-${name}`),
        artifacts,
        claims: (audience) => jobClaims(SUBJECTS.new, environmentOf(kind, cloud), audience),
        context: {
          "matrix.cloud": cloud,
          "needs.select.outputs.name": "pr-7",
          "vars.PULUMI_BACKEND_URL": owner.backend,
          "vars.EPHEMERAL_SETTINGS": settings(cloud, "github"),
          ...variablesOf(job === "up" ? creators : cleaners),
        },
      });
    };
    const gitlabJob = (job: string, name: string) =>
      runGitlabJob({
        job: `${job} ${cloud}`,
        machine: machine(`${cloud}-${name}`),
        claims: gitlabClaims,
        variables: {
          ...gitlab.variables,
          AWS_ROLE_ARN: gitlab.variables.AWS_ROLE ?? "",
          PULUMI_BACKEND_URL: owner.backend,
          EPHEMERAL_SETTINGS: settings(cloud, "gitlab"),
        },
      });

    it(`GitHub's create a cluster on ${cloud}, with the image in its registry`, async () => {
      const mark = clouds.ledger().length;
      await githubJob("up", "github-up");
      assert.deepEqual(pushed(mark), ["ok"]);
      // By this name `down` of the same run knows a lock of a lost machine.
      assert.match(
        readFileSync(join(owner.dir, "artifacts", `host-${cloud}`), "utf8"),
        /^gh-17-1-[0-9a-f]{8}\n$/,
      );
      assert.ok((await everything(NAMESPACE)).some(({ kind }) => kind === "Deployment"));
    });

    it(`GitLab's push an image to the same cluster on ${cloud}, and delete it`, async () => {
      const mark = clouds.ledger().length;
      await gitlabJob("ephemeral up", "gitlab-up");
      assert.deepEqual(pushed(mark), ["ok"]);
      await gitlabJob("ephemeral down", "gitlab-down");
      assert.deepEqual(clouds.inventory(), []);
    });

    it(`GitHub's have nothing left to delete on ${cloud} then`, async () => {
      await githubJob("down", "github-down");
      assert.deepEqual(await everything(NAMESPACE), []);
    });
  }
});

const variablesOf = ({ variables }: Identities): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`vars.${name}`, value]));
