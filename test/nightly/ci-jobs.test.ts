/** Proves on EKS and AKS what test/engine/ci-jobs.test.ts proves on GKE; another job deletes the cluster on each. */
import { jobsOf } from "../engine/ci/jobs";
import { AKS, EKS } from "../engine/support/cloud-stacks";

describe("the jobs of CI on EKS", function () {
  this.timeout("480s");
  jobsOf(EKS, "GitLab's reap");
});

describe("the jobs of CI on AKS", function () {
  this.timeout("480s");
  jobsOf(AKS, "GitHub's down");
});
