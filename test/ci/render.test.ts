/**
 * Proves what render.yml proposes, by running the script of its job as it stands there, in a copy of this repository with a
 * stack that Flux owns: a patch with the folder that Flux applies, its image's digest in it, and no patch once that is
 * merged. GitLab's job runs the same lines.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FOLDER, gitopsFolders } from "../../ci/gitops-folders";
import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import { gitlabFile, gitlabJobs } from "../support/gitlab";
import { argocd } from "../../workload/keys/argocd";
import { flux } from "../../workload/keys/flux";
import { workflows } from "../support/workflows";

const DIGEST = `sha256:${"a".repeat(64)}`;
const stackFile = (more: string): string => `config:
  ralph:cloud: existing
  ralph:cluster: { kubeconfig: /no/such/file, storageClass: { rwo: standard } }
  ralph:persistence: { cache: { kind: emptyDir } }
  ralph:image: { repository: ghcr.io/o/r/ralph-runner, digest: "${DIGEST}" }
  ralph:apiKeys: { claude: { secure: "v1:abc:def" } }
${more}`;
const FLUX = `  ralph:gitops: { tool: flux, owns: workload }
  ralph:flux: { repoURL: "https://example.com/r.git", path: deploy/staging }
`;

describe("what render.yml proposes", function () {
  this.timeout("120s");
  let dir: string;
  const script = (workflows().find(({ name }) => name === "render.yml")?.jobs.render?.steps ?? [])
    .map(({ run: lines = "" }) => lines)
    .join("\n");
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: dir,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });

  before(() => {
    dir = mkdtempSync(join(tmpdir(), "render-"));
    const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
      cwd: REPOSITORY,
      encoding: "utf8",
    });
    // Nothing of the tests is rendered.
    const files = listed.split("\0").filter((file) => file !== "" && !file.startsWith("test/"));
    for (const file of files) cpSync(join(REPOSITORY, file), join(dir, file));
    symlinkSync(join(REPOSITORY, "node_modules"), join(dir, "node_modules"));
    writeFileSync(join(dir, "Pulumi.staging.yaml"), stackFile(FLUX));
    git("init", "--quiet", "--initial-branch=main");
    git("add", ".");
    git("commit", "--quiet", "--message", "first");
  });
  after(() => rmSync(dir, { recursive: true }));

  async function patch(): Promise<string> {
    const { code, stderr } = await run("/bin/bash", ["-e", "-c", script], {
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, RUNNER_TEMP: dir, RENDER_STACKS: '["staging"]' },
      timeout: 100_000,
    });
    assert.equal(code, 0, stderr);
    return readFileSync(join(dir, "change.patch"), "utf8");
  }

  it("is the folder of the tool, with the digest of the image and no secret, until it is merged", async () => {
    const text = await patch();
    const files = [...text.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file]) => file);
    assert.ok(files.includes("deploy/staging/04-deployment.yaml"), files.join());
    assert.ok(files.every((file) => file?.startsWith("deploy/staging/")));
    assert.match(text, new RegExp(`^\\+ +image: ghcr\\.io/o/r/ralph-runner@${DIGEST}$`, "m"));
    assert.doesNotMatch(text, /^\+kind: (Secret|Namespace|PersistentVolumeClaim)$|v1:abc:def/m);

    git("reset", "--quiet", "--hard");
    git("apply", "--index", "change.patch");
    git("commit", "--quiet", "--message", "merged");
    assert.equal(await patch(), "");
  });

  it("is made by the same commands on GitLab", () => {
    const { script: lines = [] } = gitlabJobs(gitlabFile()).get("render") ?? {};
    for (const line of script.split("\n").filter((each) => /gitops-folders|ralphctl|git add/.test(each)))
      assert.ok(lines.join("\n").includes(line.trim()), line);
  });
});

describe("the folder of a GitOps tool", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "folders-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  for (const [what, more, expected] of [
    ["Flux", FLUX, "deploy/staging"],
    [
      "Argo CD",
      "  ralph:gitops: { tool: argocd, owns: workload }\n  ralph:argocd: { repoURL: https://e.com/a }\n",
      "k8s",
    ],
    ["Argo CD beside `pulumi up`", "  ralph:argocd: { enabled: true, path: manifests }\n", "manifests"],
  ] as const)
    it(`is the one of its keys: ${what}`, () => {
      writeFileSync(join(dir, "Pulumi.staging.yaml"), stackFile(more));
      assert.deepEqual(gitopsFolders('["staging"]', dir), [{ stack: "staging", folder: expected }]);
    });

  it("is by default that of the schemas", () =>
    assert.deepEqual([argocd.parse({}).path, flux.parse({}).path], [FOLDER, FOLDER]));

  it("is missing without a tool, or a file", () => {
    writeFileSync(join(dir, "Pulumi.staging.yaml"), stackFile(""));
    assert.throws(() => gitopsFolders('["staging"]', dir), /Pulumi\.staging\.yaml has no GitOps tool/);
    assert.throws(() => gitopsFolders('["production"]', dir), /there is no Pulumi\.production\.yaml/);
    assert.deepEqual(gitopsFolders(undefined, dir), []);
  });
});
