/**
 * Proves, for any configuration that the schemas and rules accept: the program registers without an error, by
 * names that Kubernetes accepts, with quantities that parse and requests within their limits.
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseQuantity } from "../../config/quantity";
import { anyConfig } from "../support/arbitrary";
import { allowed, type NetworkPolicy, type Pod } from "../support/netpol";
import { runStack, type StackRun } from "../support/stack";
import { KIND, podOf } from "../support/workload";

const RUNS = 15;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

describe("any valid configuration", () => {
  it(`creates a workload that a server could accept (${RUNS} of them)`, async function () {
    this.timeout("60s");
    await fc.assert(
      fc.asyncProperty(anyConfig, async (config) => {
        const run = await runStack({ config });
        namesAreValid(run);
        quantitiesAreValid(run);
        metadataIsClosed(run);
      }),
      { numRuns: RUNS },
    );
  });
});

function namesAreValid({ resources }: StackRun): void {
  for (const { type, inputs } of resources.filter((each) => each.type.startsWith("kubernetes:"))) {
    const { name, namespace } = inputs.metadata;
    // Names of RBAC objects and claims are subdomains; those of pods' owners become labels.
    const owner = [KIND.deployment, KIND.job, KIND.cronJob, KIND.namespace, KIND.service].includes(
      type as never,
    );
    assert.match(name, owner ? LABEL : SUBDOMAIN);
    if (namespace !== undefined) assert.match(namespace, LABEL);
  }
}

function quantitiesAreValid(run: StackRun): void {
  for (const owner of [KIND.deployment, KIND.job, KIND.cronJob].flatMap(run.ofType)) {
    const { requests, limits } = podOf(owner).spec.containers[0].resources;
    assert.deepEqual(Object.keys(requests).sort(), Object.keys(limits).sort());
    for (const kind of Object.keys(requests)) {
      const [request, limit] = [parseQuantity(requests[kind]), parseQuantity(limits[kind])];
      assert.ok(request !== undefined && limit !== undefined && request <= limit, `${kind} of ${owner.name}`);
    }
  }
  for (const { inputs } of run.ofType(KIND.claim)) {
    assert.ok(parseQuantity(inputs.spec.resources.requests.storage));
  }
}

/** Whatever is allowed or denied: no configuration opens a node's credentials by accident. */
function metadataIsClosed(run: StackRun): void {
  const policies = run.ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
  if (policies.length === 0) return;
  const { metadata } = run.find(KIND.deployment, "ralph").inputs;
  const worker: Pod = { namespace: metadata.namespace, labels: metadata.labels };
  for (const port of [80, 443])
    assert.equal(allowed(policies, { from: worker, to: "169.254.169.254", port }), false);
}
