/** Proves that each check that clouds share refuses what breaks it, and offers a value that keeps it. */
import assert from "node:assert/strict";
import {
  checkApiCidrs,
  checkMachineSize,
  checkOverlaps,
  checkRoom,
  checkShared,
  checkTags,
  checkVersion,
  checkWholeRange,
  clusterProblems,
} from "../../clusters/checks";
import {
  AUTOSCALER_RELEASES,
  autoscalerRelease,
  VERSIONS,
  VERSIONS_AS_OF,
  versionWarnings,
} from "../../clusters/versions";
import type { Finding } from "../../config/findings";

/** Each finding as `key rule -> fix`, the constant parts of the commands left out. */
const told = (findings: readonly Finding[]): string[] =>
  clusterProblems(findings).map(
    ({ key, rule, fix }) =>
      `${key.replace("ralph:cluster.", "")} ${rule} -> ${fix.replace("pulumi config ", "").replace("--path ", "").replace("ralph:cluster.", "")}`,
  );

describe("the checks that clouds share", () => {
  it("hold the counts of nodes, and the ways to the API server, against each other", () => {
    const good = {
      nodes: { min: 1, count: 2, max: 2, spot: false },
      nodePools: [],
      api: { public: true, cidrs: [], private: false },
    };
    assert.deepEqual(told(checkShared(good)), []);
    assert.deepEqual(told(checkShared({ ...good, nodes: { min: 3, count: 2, max: 1, spot: false } })), [
      "nodes.min must be at most nodes.count, 2; it is 3 -> set nodes.min 2",
      "nodes.max must be at least nodes.count, 2; it is 1 -> set nodes.max 2",
    ]);
    assert.deepEqual(told(checkShared({ ...good, api: { ...good.api, cidrs: ["192.0.2.0/24"] } })), [
      "api.public must be false when api.cidrs is set; it is true -> set api.public false",
    ]);
    assert.deepEqual(told(checkShared({ ...good, api: { ...good.api, public: false } })), [
      "api.public must be true when api.cidrs is empty and api.private is false, or no one could reach the cluster; it is false -> set api.public true",
    ]);
  });

  it("let only the network of a private API server reach it", () => {
    const good = { nodes: { min: 1, count: 1, max: 1, spot: false }, nodePools: [] };
    const api = { public: false, cidrs: [], private: true };
    assert.deepEqual(told(checkShared({ ...good, api })), []);
    assert.deepEqual(told(checkShared({ ...good, api: { ...api, public: true } })), [
      "api.private must be false when api.public or api.cidrs is set; it is true -> set api.private false",
    ]);
  });

  it("have Ralph's pods in one place: on spot nodes or in a sandbox", () => {
    const pool = {
      name: "a",
      machineType: "m",
      min: 0,
      max: 1,
      diskGb: 100,
      spot: true,
      labels: {},
      taints: [],
    };
    const check = (sandbox: boolean) =>
      told(
        checkShared({
          nodes: { min: 1, count: 1, max: 1, spot: true },
          nodePools: [{ ...pool, sandbox }],
          api: { public: true, cidrs: [], private: false },
        }),
      );
    assert.deepEqual(check(false), []);
    assert.deepEqual(check(true), [
      "nodes.spot must be false with a sandbox, whose pool runs Ralph's pods and has a key `spot` of its own; it is true -> set nodes.spot false",
    ]);
  });

  it("hold further pools against each other, and their labels and taints against Kubernetes' format", () => {
    const pool = {
      name: "gpu",
      machineType: "m",
      min: 0,
      max: 1,
      diskGb: 100,
      spot: false,
      sandbox: false,
      labels: {},
      taints: [],
    };
    const check = (...nodePools: Parameters<typeof checkShared>[0]["nodePools"]) =>
      told(
        checkShared({
          nodes: { min: 1, count: 1, max: 1, spot: false },
          nodePools,
          api: { public: true, cidrs: [], private: false },
        }),
      );
    const taint = { key: "example.com/gpu", value: "", effect: "NoSchedule" } as const;
    assert.deepEqual(check({ ...pool, labels: { "example.com/team": "a" }, taints: [taint] }), []);
    assert.deepEqual(check(pool, { ...pool, min: 2 }), [
      "nodePools[1].name must be unique; \"gpu\" is already listed -> rm 'nodePools[1].name'",
      "nodePools[1].min must be at most max, 1; it is 2 -> set 'nodePools[1].min' 1",
    ]);
    assert.deepEqual(check({ ...pool, labels: { _: "b c" }, taints: [{ ...taint, key: "" }] }), [
      `nodePools[0].labels._ must have a valid label name as its key; it is "_" -> rm 'nodePools[0].labels._'`,
      `nodePools[0].labels._ must be at most 63 letters, digits, dashes and dots; it is "b c" -> rm 'nodePools[0].labels._'`,
      "nodePools[0].taints[0] must have a valid label name as its key; it is \"\" -> rm 'nodePools[0].taints[0]'",
    ]);
  });

  it("refuse a version out of support, and warn of an unknown one", () => {
    for (const [name, support] of Object.entries(VERSIONS)) {
      const { oldest, newest, suggested, ends } = support;
      assert.deepEqual(told(checkVersion(`1.${oldest - 1}`, support)), [
        `version must be 1.${oldest} or newer, the versions in support; it is "1.${oldest - 1}" -> set version ${suggested}`,
      ]);
      for (const version of [`1.${oldest}`, `1.${newest + 1}.2`, suggested, "latest", undefined])
        assert.deepEqual(checkVersion(version, support), [], name);
      assert.deepEqual(versionWarnings(undefined, support), []);
      assert.match(versionWarnings(`1.${newest + 1}`, support)[0] ?? "", /is newer than/);
      for (const [minor, end] of Object.entries(ends)) {
        assert.ok(Number(minor) >= oldest && Number(minor) <= newest, name);
        assert.match(end, /^20\d\d-\d\d(-\d\d)?$/, name);
      }
    }
  });

  it("warn of a version from two months before its support ends", () => {
    const on = (day: string) => versionWarnings("1.34.2", VERSIONS.eks, new Date(day));
    assert.deepEqual(on("2026-10-03"), []);
    const then =
      "on 2026-12-02, according to https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html; " +
      "upgrade one minor version at a time: pulumi config set --path ralph:cluster.version 1.35";
    assert.deepEqual(on("2026-10-05"), [`Standard support for Kubernetes 1.34 ends ${then}`]);
    assert.deepEqual(on("2026-12-03"), [`Standard support for Kubernetes 1.34 ended ${then}`]);
    assert.match(versionWarnings("1.34", VERSIONS.aks, new Date("2026-12-01"))[0] ?? "", /ended on 2026-11,/);
  });

  it("run the cluster-autoscaler that is built for each supported version", () => {
    for (let minor = VERSIONS.eks.oldest; minor <= VERSIONS.eks.newest; minor++)
      assert.match(AUTOSCALER_RELEASES[minor] ?? "", new RegExp(`^v1\\.${minor}\\.\\d+$`));
    assert.deepEqual(
      ["1.35", "1.20", "1.99"].map(autoscalerRelease),
      [35, VERSIONS.eks.oldest, VERSIONS.eks.newest].map((minor) => AUTOSCALER_RELEASES[minor]),
    );
  });

  it("rest on a table of versions that is no older than 90 days", () => {
    const age = (Date.now() - Date.parse(VERSIONS_AS_OF)) / (24 * 60 * 60 * 1000);
    assert.ok(
      age <= 90,
      `compare clusters/versions.ts with the page of each cloud, then set VERSIONS_AS_OF; it is of ${VERSIONS_AS_OF}`,
    );
  });

  it("refuse a machine that is too small, as far as its size is known", () => {
    const at = ["nodes", "machineType"];
    const rule = "nodes.machineType must have at least 2 vCPU and 4 GiB, and has";
    const size = (cpus?: number, gib?: number) => told(checkMachineSize(at, "small", { cpus, gib }, "large"));
    assert.deepEqual(size(1, 3.75), [
      `${rule} 1 vCPU and 3.75 GiB; it is "small" -> set nodes.machineType large`,
    ]);
    assert.deepEqual(size(1), [`${rule} 1 vCPU; it is "small" -> set nodes.machineType large`]);
    assert.deepEqual(size(2, 2), [`${rule} 2 vCPU and 2 GiB; it is "small" -> set nodes.machineType large`]);
    assert.deepEqual([size(), size(2), size(2, 4)], [[], [], []]);
  });

  it("refuse the program's own tags, and tags that the cloud does not accept", () => {
    const rules = {
      isReserved: (key: string) => key === "stack",
      key: { holds: /^[a-z]+$/, rule: "must be lower-case letters" },
      value: {
        holds: /^[a-z]*$/,
        rule: "must be lower-case letters",
        spell: (value: string) => value.toLowerCase(),
      },
    };
    assert.deepEqual(told(checkTags({ owner: "me", stack: "Mine", A1: "x", team: "A" }, rules)), [
      "tags.stack must not be set: the program sets this tag -> rm tags.stack",
      'tags.A1 must be lower-case letters; it is "A1" -> rm tags.A1',
      'tags.team must be lower-case letters; it is "A" -> set tags.team a',
    ]);
  });

  it("refuse ranges that have host bits, that overlap, or that are too small", () => {
    const at = ["network", "pods"];
    assert.deepEqual(told(checkWholeRange(at, "10.0.0.1/16")), [
      'network.pods must have no bits set beyond its prefix; it is "10.0.0.1/16" -> set network.pods 10.0.0.0/16',
    ]);
    assert.deepEqual(checkWholeRange(at, "10.0.0.0/16"), []);
    const ranges = { nodes: "10.0.0.0/16", pods: "10.0.128.0/17", services: "10.1.0.0/16" };
    assert.deepEqual(told(checkOverlaps(ranges, (key) => `<${key}>`)), [
      'network.pods must not overlap network.nodes, 10.0.0.0/16; it is "10.0.128.0/17" -> set network.pods <pods>',
    ]);
    assert.deepEqual(told(checkRoom("nodes", "10.0.0.0/28", { room: 12, nodes: 21 }, "10.0.0.0/26")), [
      'network.nodes must have room for 21 nodes, those of an upgrade included, and has room for 12; it is "10.0.0.0/28" -> set network.nodes 10.0.0.0/26',
    ]);
    assert.deepEqual(checkRoom("nodes", "10.0.0.0/26", { room: 21, nodes: 21 }, ""), []);
  });

  it("refuse a way to the API server that is no IPv4 range, or that the cloud does not accept", () => {
    assert.deepEqual(told(checkApiCidrs(["203.0.113.7/24", "2001:db8::/32", "0.0.0.0/0"])), [
      "api.cidrs[0] must have no bits set beyond its prefix; it is \"203.0.113.7/24\" -> set 'api.cidrs[0]' 203.0.113.0/24",
      "api.cidrs[1] must be an IPv4 range; it is \"2001:db8::/32\" -> rm 'api.cidrs[1]'",
      "api.cidrs[2] must not be set: a range of all addresses is api.public -> rm 'api.cidrs[2]'",
    ]);
    const rules = {
      max: 2,
      allowAll: true,
      broken: (range: string) => (range.startsWith("10.") ? "must be public" : undefined),
    } as const;
    assert.deepEqual(told(checkApiCidrs(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24"], rules)), [
      "api.cidrs[1] must be public; it is \"10.0.0.0/8\" -> rm 'api.cidrs[1]'",
      "api.cidrs[2] must not be set: the API server accepts at most 2 ranges -> rm 'api.cidrs[2]'",
    ]);
  });
});
