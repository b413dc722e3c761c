/**
 * Proves how operations/ interprets the messages of the engine and the clouds: who owns a lock, which failures are
 * transient, and by which id a provider finds what a killed run was creating. The clouds' messages are those of the
 * stubs (stub-clouds); the engine's own are in the engine tests.
 */
import assert from "node:assert/strict";
import { hostname, userInfo } from "node:os";

import { type KnownFailure, ownClouds, type Place } from "../../clusters/operations";
import { importId } from "../../operations/engine/imports";
import { isStale, isUnique, lockOwners } from "../../operations/engine/lock";
import { failureIn } from "../../operations/failures";
import { tableOf } from "../../stub-clouds/tables";
import type { PluginName, Resource, Token } from "../../stub-clouds/types";

const LOCKED = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://states/.pulumi/locks/organization/ralph/dev/1.json: created by ada@build-7 (pid 4711) at 2026-01-02T03:04:05Z
  file:///state/.pulumi/locks/organization/ralph/dev/2.json: created by @${hostname()} (pid 12) at 2026-01-02T03:05:06+01:00`;

describe("a lock", () => {
  it("is read with all its owners, and is absent if a command failed for another reason", () => {
    assert.deepEqual(lockOwners(LOCKED), [
      { user: "ada", host: "build-7", pid: 4711, since: "2026-01-02T03:04:05Z", shared: true },
      { user: "", host: hostname(), pid: 12, since: "2026-01-02T03:05:06+01:00", shared: false },
    ]);
    assert.deepEqual(
      lockOwners("error: [409] Conflict: Another update is currently in progress.\nTo learn more ..."),
      [],
    );
    assert.equal(lockOwners("error: update failed"), undefined);
  });

  const owner = { user: userInfo().username, since: "2026-01-02T03:04:05+01:00", shared: false };
  const since = Date.UTC(2026, 0, 2, 2, 4, 5);
  /** Above the highest pid on Linux. */
  const DEAD_PID = 2 ** 22 + 1;
  for (const [what, host, pid, ended, stale] of [
    ["of a dead process here", hostname(), DEAD_PID, {}, true],
    ["of a running process here", hostname(), process.pid, {}, false],
    ["of another machine", "build-7", DEAD_PID, {}, false],
    ["of a machine that is declared gone", "build-7", 1, { gone: ["build-7"] }, true],
    ["of a machine, when another is declared gone", "build-7", 1, { gone: ["build-8"] }, false],
    ["of this machine, although its name is declared gone", hostname(), 1, { gone: [hostname()] }, false],
    ["from before the time that a run can last", "build-7", 1, { before: since + 1 }, true],
    ["from exactly that time", "build-7", 1, { before: since }, false],
  ] as const) {
    it(`${what} is ${stale ? "stale" : "valid"}`, () =>
      assert.equal(isStale({ ...owner, host, pid }, ended, {}), stale));
  }

  it("in a bucket is not judged by its process, because another machine may have this one's name and user", () =>
    assert.equal(isStale({ ...owner, host: hostname(), pid: DEAD_PID, shared: true }, {}, {}), false));

  it("of another user on a machine of this name is not judged by its process", () =>
    assert.equal(isStale({ ...owner, user: "ada", host: hostname(), pid: DEAD_PID }, {}, {}), false));

  for (const [what, env, stale] of [
    ["on GitHub", { CI: "true", GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "17" }, false],
    ["on GitLab", { CI: "true", GITLAB_CI: "true", CI_JOB_ID: "17" }, false],
    ["on another CI", { CI: "1" }, false],
    ["outside of CI", { CI: "false" }, true],
  ] as const) {
    it(`of a dead process on a host of this name is ${stale ? "stale" : "valid"} ${what}`, () =>
      assert.equal(isStale({ ...owner, host: hostname(), pid: DEAD_PID }, {}, env), stale));
  }

  it("of a host that has the run's id in its name is judged by its process on GitHub", () => {
    const named = (host: string, env: NodeJS.ProcessEnv) =>
      isUnique({ host, shared: true }, { CI: "true", ...env });
    assert.equal(named("gh-17-1-a0b1c2d3", { GITHUB_RUN_ID: "17" }), true);
    assert.equal(named("gh-170-1-a0b1c2d3", { GITHUB_RUN_ID: "17" }), false);
    assert.equal(named("runnervmi13qx", { GITHUB_RUN_ID: "17" }), false);
    assert.equal(named("gh--1-a0b1c2d3", {}), false);
  });

  it("without a time is not treated as an old one", () =>
    assert.equal(isStale({ ...owner, host: "build-7", pid: 1, since: "" }, { before: since }), false));
});

/** A resource that each cloud refuses to delete while another one exists, and the other one. */
const IN_USE: Readonly<Partial<Record<PluginName, readonly [Token, Token]>>> = {
  gcp: ["gcp:compute/network:Network", "gcp:compute/firewall:Firewall"],
  aws: ["aws:ec2/subnet:Subnet", "aws:ec2/networkInterface:NetworkInterface"],
  "azure-native": ["azure-native:network:Subnet", "azure-native:network:NetworkInterface"],
};

/** Whether another attempt is worth it. */
const isRetried = (failure: KnownFailure | undefined): boolean =>
  failure !== undefined && failure.attempts !== 0;

const resource = (plugin: string, token: Token): Resource => {
  const values = { name: "it" };
  return { plugin, token, id: "it", inputs: values, outputs: values, created: 0, ready: 0, serial: 0 };
};

for (const [plugin, [token, by]] of Object.entries(IN_USE) as [PluginName, readonly [Token, Token]][]) {
  describe(`a refusal of ${plugin}`, () => {
    const { refusals } = tableOf(plugin);
    const it_ = resource(plugin, token);
    for (const [what, words, again] of [
      ["too many requests", refusals.throttled, true],
      ["no answer at the moment", refusals.unavailable, true],
      ["still in use", refusals.inUse(it_, [resource(plugin, by)]), true],
      ["no quota", refusals.quota(token), false],
      ["no permission", refusals.denied("Delete", token), false],
      ["protected", refusals.protected(it_), false],
      ["invalid", refusals.invalid(token, "a rule"), false],
      ["not found", refusals.notFound(token, "it"), false],
      ["already exists", refusals.exists(token, "it"), false],
    ] as const) {
      it(`${what} is ${again ? "" : "not "}transient`, () =>
        assert.equal(isRetried(failureIn(`error: deleting it: ${words}`)), again, words));
    }
  });
}

describe("what a killed run was creating", () => {
  const GCP: Place = { cloud: "gke", stack: "dev", cluster: "c", where: {}, provider: { project: "acme" } };
  const AWS: Place = {
    cloud: "eks",
    stack: "dev",
    cluster: "c",
    where: {},
    provider: { region: "us-west-2" },
  };
  const AZURE: Place = {
    cloud: "aks",
    stack: "dev",
    cluster: "c",
    where: {},
    provider: { subscriptionId: "s" },
  };
  /** Nothing is created behind these. */
  const NOTHING = ["gcp:projects/serviceIdentity:ServiceIdentity"];
  /** Created by controllers or by others, never by the program. */
  const NOT_OURS =
    /compute\/(firewall|networkEndpointGroup|disk)|networkInterface|ec2\/instance|lb\/loadBalancer/;

  for (const [cloud, { provider, importIds }] of ownClouds()) {
    it(`has an id in every type that the program creates on ${cloud}`, () => {
      const types = Object.keys(tableOf(provider as PluginName).resources);
      const unknown = types.filter((type) => !NOT_OURS.test(type) && importIds[type] === undefined);
      assert.ok(types.length > 10);
      assert.deepEqual(
        unknown,
        NOTHING.filter((type) => type.startsWith(`${provider}:`)),
      );
    });
  }

  for (const [type, inputs, place, id] of [
    ["kubernetes:core/v1:Namespace", { metadata: { name: "n" } }, GCP, "n"],
    ["kubernetes:apps/v1:Deployment", { metadata: { name: "d", namespace: "n" } }, GCP, "n/d"],
    ["kubernetes:apps/v1:Deployment", { metadata: {} }, GCP, undefined],
    ["gcp:compute/network:Network", { name: "n" }, GCP, "projects/acme/global/networks/n"],
    [
      "gcp:container/nodePool:NodePool",
      { name: "p", cluster: "c", location: "us-central1-a", project: "other" },
      GCP,
      "projects/other/locations/us-central1-a/clusters/c/nodePools/p",
    ],
    [
      "gcp:compute/routerNat:RouterNat",
      { name: "n", router: "r", region: "us-central1" },
      GCP,
      "acme/us-central1/r/n",
    ],
    [
      "gcp:serviceaccount/account:Account",
      { accountId: "a" },
      GCP,
      "projects/acme/serviceAccounts/a@acme.iam.gserviceaccount.com",
    ],
    ["gcp:projects/iAMMember:IAMMember", { project: "acme", role: "r", member: "m" }, GCP, "acme r m"],
    ["aws:eks/nodeGroup:NodeGroup", { clusterName: "c", nodeGroupName: "g" }, AWS, "c:g"],
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", { role: "r", policyArn: "arn" }, AWS, "r/arn"],
    [
      "aws:ec2/route:Route",
      { routeTableId: "rtb-1", destinationCidrBlock: "0.0.0.0/0" },
      AWS,
      "rtb-1_0.0.0.0/0",
    ],
    ["aws:ec2/vpc:Vpc", {}, AWS, undefined],
    [
      "azure-native:resources:ResourceGroup",
      { resourceGroupName: "g" },
      AZURE,
      "/subscriptions/s/resourceGroups/g",
    ],
    [
      "azure-native:containerservice:ManagedCluster",
      { resourceGroupName: "g", resourceName: "c" },
      AZURE,
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c",
    ],
    ["somebody:else:Thing", { name: "n" }, GCP, undefined],
  ] as const) {
    it(`${type} ${JSON.stringify(inputs)} is ${id ?? "unknown"}`, async () =>
      assert.equal(await importId({ urn: "urn", type, inputs }, place, []), id));
  }
});
