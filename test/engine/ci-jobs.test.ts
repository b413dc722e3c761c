/**
 * Proves that the jobs of CI that preview, create, reap and delete a cluster work on GKE, with no login but the one that the
 * job's token gives, and with the identities that docs/ci.md's own commands create: those of .github/workflows and of
 * docs/ci/gitlab-ci.yml, whose scripts run as printed, each job on a machine of its own. Both push an image, and each
 * deletes only what it may. What others' actions do is written after their sources, and signatures of tokens are not
 * checked. test/nightly/ci-jobs.test.ts has the other clouds.
 */
import { jobsOf } from "./ci/jobs";
import { GKE } from "./support/cloud-stacks";

describe("the jobs of CI on GKE", function () {
  this.timeout("480s");
  jobsOf(GKE, "GitHub's reap");
});
