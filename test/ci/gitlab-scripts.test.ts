/**
 * Proves that no job of docs/ci/gitlab-ci.yml leaves its token, a login or a kubeconfig on its machine, however it ends, and
 * that none of them can be read by another user meanwhile: the scripts of each job with an identity run as printed, on a
 * machine whose programs only note what they see.
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { type GitlabJob, gitlabFile, gitlabJobs, withoutInstall } from "../support/gitlab";

const TOKEN = "token-of-the-job";
const KUBECONFIG = "kubeconfig-of-the-stack";

/** Notes the mode of everything in the job's home, and leaves there what a vendor's program leaves. */
const PROGRAM = `#!/bin/sh
find "$HOME" -printf '%m %y %P\\n' >>"$SEEN"
mkdir -p "$HOME/.config" && echo "$CLOUD_TOKEN" >"$HOME/.config/login"
case "$(basename "$0") $*" in
  pulumi*kubeconfig*) echo ${KUBECONFIG} ;;
  *--metadata-file*) echo '{"containerimage.digest":"sha256:0"}' >"$HOME/build.json" ;;
  *$FAILS*) exit 1 ;;
esac
`;

describe("the scripts of the file for GitLab", () => {
  const jobs = [...gitlabJobs(gitlabFile())].filter(([, { id_tokens }]) => id_tokens !== undefined);
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "gitlab-"));
    for (const folder of ["bin", "home", "project", "tmp"]) mkdirSync(join(dir, folder));
    for (const name of [
      "bin/gcloud",
      "bin/aws",
      "bin/az",
      "bin/pulumi",
      "bin/kubectl",
      "bin/docker",
      "bin/cosign",
      "bin/node",
      "project/ralphctl",
    ]) {
      writeFileSync(join(dir, name), PROGRAM);
      chmodSync(join(dir, name), 0o755);
    }
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** @returns the exit code of the script */
  async function runJob({ before, script, after, variables }: GitlabJob, fails = "nothing"): Promise<number> {
    const env = {
      ...variables,
      PATH: `${join(dir, "bin")}:${process.env.PATH}`,
      HOME: join(dir, "home"),
      TMPDIR: join(dir, "tmp"),
      SEEN: join(dir, "seen"),
      FAILS: fails,
      CLOUD_TOKEN: TOKEN,
      CI_JOB_ID: "17",
      CI_MERGE_REQUEST_IID: "7",
      IMAGE_STACKS: '["$STAGING_GKE"]',
      CI_JOB_TOKEN: TOKEN,
    };
    const bash = (lines: readonly string[]) =>
      run("/bin/bash", ["-eo", "pipefail", "-c", lines.join("\n")], { env, cwd: join(dir, "project") });
    const { code } = await bash(withoutInstall([...before, ...script]));
    // In a shell of its own: https://docs.gitlab.com/ci/yaml/#after_script
    const { code: cleaned, stderr } = await bash(after);
    assert.equal(cleaned, 0, stderr);
    return code ?? -1;
  }

  /** Files of the machine that contain a secret. */
  const left = (): string[] =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => {
        const text = readFileSync(file, "utf8");
        return text !== PROGRAM && [TOKEN, KUBECONFIG].some((secret) => text.includes(secret));
      });

  for (const [name, job] of jobs) {
    it(`${name}: leaves nothing, and lets no other user read its files`, async () => {
      assert.equal(await runJob(job), 0);
      assert.deepEqual(left(), []);
      assert.deepEqual(readdirSync(join(dir, "tmp")), []);
      const seen = readFileSync(join(dir, "seen"), "utf8").trim().split("\n");
      if ("CLOUD_TOKEN" in (job.id_tokens ?? {})) assert.ok(seen.includes("600 f token"), seen.join("\n"));
      assert.deepEqual(
        seen.filter((line) => !/^(700 d|600 f) /.test(line)),
        [],
      );
    });
  }

  for (const fails of ["gcloud auth login", "kubectl", "pulumi preview"]) {
    it(`leave nothing after a failure of ${fails}`, async () => {
      const [, job] = jobs.find(([name]) => name === "preview gke") ?? assert.fail();
      assert.notEqual(await runJob(job, fails), 0);
      assert.deepEqual(left(), []);
    });
  }

  it("touch no file of another job", async () => {
    const other = join(dir, "tmp", "job-171.abcdefgh");
    mkdirSync(other);
    const [, job] = jobs[0] ?? assert.fail();
    await runJob(job);
    assert.ok(existsSync(other));
  });
});
