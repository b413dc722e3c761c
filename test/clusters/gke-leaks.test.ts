/**
 * Proves that an API which was never enabled in a project, such as Filestore's, means that nothing of its kind is left, and
 * that no other refusal does. The texts are gcloud's.
 */
import assert from "node:assert/strict";
import { cluster, leaks } from "../../clusters/gke/operations/leaks";

const OFF = [
  "ERROR: (gcloud.filestore.instances.list) PERMISSION_DENIED: Cloud Filestore API has not been used in project 123456789012 " +
    "before or it is disabled.",
  "  reason: SERVICE_DISABLED",
  "API [file.googleapis.com] not enabled on project [acme-agents]. Would you like to enable and retry (y/N)?",
];
const REFUSED = [
  "ERROR: (gcloud.filestore.instances.list) PERMISSION_DENIED: Permission 'file.instances.list' denied on " +
    "'projects/acme-agents/locations/-'",
  "ERROR: (gcloud.compute.disks.list) There was a problem refreshing your current auth tokens: Reauthentication failed.",
  "ERROR: (gcloud.compute.disks.list) Some requests did not succeed: - Quota exceeded for quota metric 'List requests'",
];

describe("an API that is off on GKE", () => {
  for (const [i, { none }] of [cluster, ...leaks].entries())
    it(`has nothing to report, and any other refusal is one (question ${i + 1})`, () => {
      for (const text of OFF) assert.match(text, none ?? assert.fail("no answer means none"));
      for (const text of REFUSED) assert.doesNotMatch(text, none ?? assert.fail());
    });
});
