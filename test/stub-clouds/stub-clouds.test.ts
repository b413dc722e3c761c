/** Proves the effect of each key of a stub cloud's row, and of each fault, without an engine. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Changed, StubCloud } from "../../stub-clouds/cloud";
import { UNKNOWN } from "../../stub-clouds/engine-values";
import { InitFailed } from "../../stub-clouds/errors";
import { tableOf } from "../../stub-clouds/tables";
import { type Call, type Fault, type PluginTable, type Row, type Values } from "../../stub-clouds/types";
import { World } from "../../stub-clouds/world";

const NETWORK = "gcp:compute/network:Network";
const SUBNET = "gcp:compute/subnetwork:Subnetwork";
const CLUSTER = "gcp:container/cluster:Cluster";
const POOL = "gcp:container/nodePool:NodePool";
const LOCK = "gcp:compute/firewall:Firewall";

describe("a stub cloud", () => {
  let dir: string;
  let world: World;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "stub-cloud-"));
    world = World.create(dir, {
      apiServer: { host: "127.0.0.1:1", certificateAuthority: "Q0E=" },
      timeScale: 0,
      seed: 1,
    });
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Google's messages, with the test's own rows. */
  const cloudOf = (resources: Readonly<Record<string, Row>>, table: Partial<PluginTable> = {}): Client =>
    new Client(new StubCloud("gcp", { ...tableOf("gcp"), ...table, resources }, world));
  /** Without the setup of the providers. */
  const calls = (): Call[] => world.calls.filter(({ method }) => method !== "Configure");
  const names = (): string[] => world.resources.map(({ name }) => String(name));

  describe("checks inputs", () => {
    const cases: [what: string, row: Row, inputs: Values, reason?: RegExp][] = [
      ["accepts what the SDK has", {}, { name: "a", autoCreateSubnetworks: true, mtu: 1500 }],
      [
        "refuses a name that the SDK does not have",
        {},
        { autoCreateSubnetwork: true },
        /did you mean "autoCreateSubnetworks"/,
      ],
      ["refuses another type", {}, { mtu: "1500" }, /expected mtu to be a number, got "1500"/],
      ["refuses a name inside an object", {}, { params: { tags: {} } }, /unknown key "tags"/],
      [
        "accepts a preview's unknown value",
        { rules: { name: { pattern: /^a$/ } } },
        { mtu: UNKNOWN, name: UNKNOWN },
      ],
      ["requires what the row requires", { requires: ["mtu"] }, {}, /Missing required argument: "mtu"/],
      [
        "enforces a pattern",
        { rules: { name: { pattern: /^[a-z]+$/ } } },
        { name: "A" },
        /to match .*, got "A"/,
      ],
      [
        "enforces a list of values",
        { rules: { routingMode: { oneOf: ["GLOBAL"] } } },
        { routingMode: "x" },
        /to be one of/,
      ],
      ["enforces a length", { rules: { name: { maxLength: 2 } } }, { name: "abc" }, /at most 2 characters/],
      ["enforces a lower bound", { rules: { mtu: { min: 1300 } } }, { mtu: 1 }, /at least 1300/],
      ["enforces an upper bound", { rules: { mtu: { max: 8896 } } }, { mtu: 9000 }, /at most 8896/],
    ];
    for (const [what, row, inputs, reason] of cases) {
      it(what, async () => {
        const { failures } = await cloudOf({ [NETWORK]: row }).check(NETWORK, inputs);
        const [found, ...more] = failures.map((failure) => failure.reason);
        if (reason === undefined) assert.equal(found, undefined);
        else assert.match(String(found), reason);
        assert.deepEqual(more, []);
      });
    }

    it("requires what the SDK requires", async () => {
      const { failures } = await cloudOf({}).check(SUBNET, {});
      assert.deepEqual(failures, [{ property: "network", reason: 'Missing required argument: "network"' }]);
    });

    it("counts the items of a list", async () => {
      const rules = { nodeLocations: { items: { min: 2 } } };
      const { failures } = await cloudOf({ [CLUSTER]: { rules } }).check(CLUSTER, { nodeLocations: ["a"] });
      assert.match(String(failures[0]?.reason), /at least 2 items/);
    });

    it("remembers what it accepted as it was registered, and nothing that it refused", async () => {
      const client = cloudOf({ [NETWORK]: { defaults: { mtu: 1460 } } });
      await client.check(NETWORK, { name: "a" });
      await client.check(NETWORK, { name: "a", autoCreateSubnetwork: true });
      assert.deepEqual(world.registered, [{ token: NETWORK, inputs: { name: "a" } }]);
    });

    it("fills in defaults, and a name that does not change later", async () => {
      const client = cloudOf({ [NETWORK]: { defaults: { mtu: 1460 }, autoname: { property: "name" } } });
      const { inputs } = await client.check(NETWORK, {}, { name: "net" });
      assert.match(String(inputs.name), /^net-[0-9a-f]{7}$/);
      assert.deepEqual(inputs, { mtu: 1460, name: inputs.name });
      const again = await client.check(NETWORK, {}, { name: "net", before: inputs, seed: "another" });
      assert.deepEqual(again.inputs, inputs);
      const own = await client.check(NETWORK, { name: "own" }, { name: "net", before: inputs });
      assert.equal(own.inputs.name, "own");
    });

    it("accepts a value outside an enum only if the cloud does", async () => {
      const pool = { resourceName: "c", resourceGroupName: "g", mode: "system" };
      for (const closedEnums of [true, false]) {
        const cloud = new StubCloud(
          "azure-native",
          { ...tableOf("azure-native"), closedEnums, resources: {} },
          world,
        );
        const { failures } = await new Client(cloud).check("azure-native:containerservice:AgentPool", pool);
        assert.equal(failures.length, closedEnums ? 1 : 0);
      }
    });
  });

  describe("reports differences:", () => {
    const row: Row = {
      replaceOn: ["name", "nodeConfig.labels", "nodeConfig.taints[].key", "resourceLabels.*"],
    };
    const cases: [what: string, before: Values, after: Values, paths: string[], replaces: string[]][] = [
      ["nothing", { name: "a", x: { y: [1] } }, { x: { y: [1] }, name: "a" }, [], []],
      [
        "a plain property",
        { name: "a", description: "b" },
        { name: "a", description: "c" },
        ["description"],
        [],
      ],
      ["a property that replaces", { name: "a" }, { name: "b" }, ["name"], ["name"]],
      [
        "a property below one that replaces",
        { nodeConfig: { labels: { a: "1" } } },
        { nodeConfig: { labels: { a: "2" } } },
        ["nodeConfig.labels.a"],
        ["nodeConfig.labels.a"],
      ],
      ["a property next to it", { nodeConfig: { spot: true } }, { nodeConfig: {} }, ["nodeConfig.spot"], []],
      [
        "an item of a list",
        { nodeConfig: { taints: [{ key: "a", value: "1" }] } },
        { nodeConfig: { taints: [{ key: "b", value: "2" }] } },
        ["nodeConfig.taints[0].key", "nodeConfig.taints[0].value"],
        ["nodeConfig.taints[0].key"],
      ],
      ["a whole object that is added", {}, { nodeConfig: { labels: {} } }, ["nodeConfig"], ["nodeConfig"]],
      [
        "any key of a map",
        { resourceLabels: {} },
        { resourceLabels: { "a/b": "c" } },
        ['resourceLabels["a/b"]'],
        ['resourceLabels["a/b"]'],
      ],
      ["a value that is not known yet", { name: "a" }, { name: UNKNOWN }, ["name"], ["name"]],
    ];
    for (const [what, before, after, paths, replaces] of cases) {
      it(what, () => {
        const { changes } = cloudOf({ [CLUSTER]: row }).diff(CLUSTER, "id", before, after);
        assert.deepEqual(
          changes.map(({ path }) => path),
          paths,
        );
        assert.deepEqual(
          changes.filter((change) => change.replaces).map(({ path }) => path),
          replaces,
        );
      });
    }

    it("deletes first what cannot exist twice", () => {
      const id = ({ name }: Values): string => `networks/${name}`;
      const named = cloudOf({ [NETWORK]: { id, replaceOn: ["mtu", "name"] } });
      assert.equal(
        named.diff(NETWORK, "networks/a", { name: "a", mtu: 1 }, { name: "a", mtu: 2 }).deleteBeforeReplace,
        true,
      );
      assert.equal(
        named.diff(NETWORK, "networks/a", { name: "a" }, { name: "b" }).deleteBeforeReplace,
        false,
      );
    });
  });

  describe("previews", () => {
    const row: Row = {
      planned: () => ({ project: "known" }),
      outputs: ({ addonsConfig }) => ({ endpoint: "e", addonsConfig: { ...addonsConfig, added: true } }),
    };

    it("a creation: inputs, and everything that the cloud adds as unknown, at any depth", async () => {
      const inputs = { name: "main", addonsConfig: { httpLoadBalancing: { disabled: true } } };
      const { properties } = await cloudOf({ [CLUSTER]: row }).create(CLUSTER, inputs, { preview: true });
      assert.equal(properties.name, "main");
      assert.equal(properties.endpoint, UNKNOWN);
      assert.equal(properties.project, "known");
      assert.deepEqual(properties.addonsConfig, { ...inputs.addonsConfig, added: UNKNOWN });
      assert.equal(properties.description, undefined, "an option that the cloud does not set");
      assert.deepEqual(world.resources, []);
    });

    it("an update: what the plugin keeps of the old outputs", async () => {
      const before = { name: "main", description: "old", resourceLabels: { a: "1" }, addonsConfig: { x: 1 } };
      const state = { ...before, endpoint: "e", addonsConfig: { x: 1, added: true } };
      const inputs = { name: "main", resourceLabels: { b: "2" }, addonsConfig: { x: 2 } };
      const change = { id: "i", state, before, inputs };
      const keeping = await cloudOf({ [CLUSTER]: row }).update(CLUSTER, change, { preview: true });
      assert.deepEqual(keeping, {
        name: "main",
        endpoint: "e",
        resourceLabels: { b: "2" },
        addonsConfig: { x: 2, added: true },
      });
      const forgetful = cloudOf({ [CLUSTER]: row }, { keptByUpdatePreview: ["name"], unknownAtFirst: "all" });
      const forgotten = await forgetful.update(CLUSTER, change, { preview: true });
      assert.equal(forgotten.endpoint, UNKNOWN);
      assert.equal(forgotten.name, "main");
    });
  });

  describe("refuses", () => {
    const rows: Readonly<Record<string, Row>> = {
      [NETWORK]: { deleteBlockedBy: [SUBNET] },
      [SUBNET]: { refs: { network: { to: NETWORK, except: /^default$/ } } },
      [CLUSTER]: {
        refs: { network: NETWORK },
        protect: "deletionProtection",
        deletesToo: [POOL],
        check: ({ enableAutopilot, nodePools }) =>
          enableAutopilot === true && nodePools ? ["not with Autopilot"] : [],
      },
      [POOL]: { refs: { cluster: CLUSTER } },
      [LOCK]: { lock: true, refs: { network: { to: "*" } } },
    };

    it("a reference to nothing, except to what exists without being created", async () => {
      const client = cloudOf(rows);
      await assert.rejects(
        client.create(SUBNET, { name: "s", network: "no" }),
        /'no' of type 'network' was not found/,
      );
      await client.create(SUBNET, { name: "s", network: "default" });
      await client.create(NETWORK, { name: "n" });
      for (const handle of ["n", world.resources[1]?.id, world.resources[1]?.outputs.selfLink])
        await client.create(SUBNET, { name: `s-${String(handle).length}`, network: handle });
    });

    it("the same id twice, and a rule between properties", async () => {
      const client = cloudOf(rows);
      await client.create(NETWORK, { name: "n" });
      await assert.rejects(client.create(NETWORK, { name: "n" }), /Error 409: Already exists/);
      await assert.rejects(
        client.create(CLUSTER, { enableAutopilot: true, nodePools: [] }),
        /Error 400: not with Autopilot/,
      );
    });

    it("to delete what is in use or protected; deletes children along with their parent", async () => {
      const client = cloudOf(rows);
      const net = await client.create(NETWORK, { name: "n" });
      const sub = await client.create(SUBNET, { name: "s", network: net.id });
      const inputs = { name: "c", network: net.id, deletionProtection: true };
      const cluster = await client.create(CLUSTER, inputs);
      await client.create(POOL, { name: "p", cluster: cluster.id });
      await assert.rejects(client.delete(NETWORK, net.id), /is already being used by/);
      await assert.rejects(client.delete(CLUSTER, cluster.id), /deletion_protection is set to true/);
      const open = { ...inputs, deletionProtection: false };
      await client.update(CLUSTER, {
        id: cluster.id,
        state: cluster.properties,
        before: inputs,
        inputs: open,
      });
      await client.delete(CLUSTER, cluster.id);
      assert.deepEqual(names(), ["n", "s"]);
      await client.delete(SUBNET, sub.id);
      await client.delete(NETWORK, net.id);
      assert.deepEqual(world.resources, []);
      await client.delete(NETWORK, net.id); // deleting twice is not an error
    });

    it("to delete what is locked, even along with its parent", async () => {
      const client = cloudOf({ ...rows, [NETWORK]: { deletesToo: "*" } });
      const net = await client.create(NETWORK, { name: "n" });
      const sub = await client.create(SUBNET, { name: "s", network: net.id });
      const lock = await client.create(LOCK, { name: "l", network: sub.id });
      await assert.rejects(client.delete(NETWORK, net.id), /already being used by .*\/l'/);
      await client.delete(LOCK, lock.id);
      await client.delete(NETWORK, net.id);
      assert.deepEqual(world.resources, []);
    });

    it("types that the SDK does not have; echoes those without a row, and marks them in the ledger", async () => {
      const client = cloudOf({});
      await assert.rejects(client.check("gcp:compute/nothing:Nothing", {}), /unrecognized resource type/);
      await client.create("gcp:compute/address:Address", { name: "a" });
      assert.deepEqual(
        calls().map(({ outcome, generic }) => [outcome, generic]),
        [
          ["refused", true],
          ["ok", true],
        ],
      );
    });
  });

  describe("injects faults:", () => {
    const plan = async (faults: readonly Fault[], creations: number): Promise<string[]> => {
      world.plan(faults);
      const before = calls().length;
      const client = cloudOf({});
      for (let i = 0; i < creations; i++)
        await client.create(NETWORK, { name: `n${i}` }, { name: `n${i}` }).catch(() => undefined);
      return calls()
        .slice(before)
        .map(({ outcome }) => outcome);
    };

    it("at the n-th matching call", async () => {
      assert.deepEqual(await plan([{ nth: 2, times: 2, does: "fail" }], 5), [
        "ok",
        "fail",
        "fail",
        "ok",
        "ok",
      ]);
      assert.deepEqual(
        await plan([{ token: SUBNET, does: "fail" }], 1),
        ["refused"],
        "it exists already, so this is not the fault",
      );
    });

    it("at random, the same for the same seed", async () => {
      const first = await plan([{ rate: 0.5, does: "denied" }], 20);
      const failed = first.filter((outcome) => outcome === "denied").length;
      assert.ok(failed > 3 && failed < 17, `${failed} of 20`);
      assert.deepEqual((await plan([{ rate: 0.5, does: "denied" }], 20)).map(isDenied), first.map(isDenied));
    });

    it("that a provider retries five times, if the cloud is busy", async () => {
      assert.deepEqual(await plan([{ does: "throttle", times: 5 }], 1), ["ok"]);
      assert.equal(calls()[0]?.retries, 5);
      assert.deepEqual(await plan([{ does: "unavailable", times: 6 }], 1), ["unavailable"]);
    });

    it("of a partial creation, of which the engine learns", async () => {
      world.plan([{ does: "partial" }]);
      const creation = cloudOf({}).create(NETWORK, { name: "n" });
      await assert.rejects(creation, (error) => error instanceof InitFailed && error.properties.name === "n");
      assert.deepEqual(names(), ["n"]);
    });

    it("of a resource that others see late", async () => {
      world.plan([{ does: "invisible", ms: 100 }]);
      const client = cloudOf({ [SUBNET]: { refs: { network: NETWORK } } });
      await client.create(NETWORK, { name: "n" });
      await assert.rejects(client.create(SUBNET, { name: "s", network: "n" }), /was not found/);
      for (const end = Date.now() + 5000; ;) {
        const created = await client.create(SUBNET, { name: "s", network: "n" }).catch(() => undefined);
        if (created !== undefined) break;
        assert.ok(Date.now() < end, "never seen");
      }
    });

    it("that hang until they are cancelled", async () => {
      world.plan([{ does: "hang" }]);
      const client = cloudOf({});
      const creation = client.create(NETWORK, { name: "n" });
      const cancelled = assert.rejects(creation, /cancelled/);
      while (calls().length === 0) await new Promise(setImmediate);
      client.cloud.cancel();
      await cancelled;
      assert.deepEqual(world.resources, []);
    });
  });

  it("continues without its client: what was requested is ready later, and refused until then", async () => {
    rmSync(dir, { recursive: true });
    world = World.create(dir, {
      apiServer: { host: "", certificateAuthority: "" },
      timeScale: 0.001,
      seed: 1,
    });
    const client = cloudOf({
      [NETWORK]: { takes: { create: 200 } },
      [SUBNET]: { refs: { network: NETWORK } },
    });
    const late = client.create(NETWORK, { name: "n" }, { timeout: 20 });
    await assert.rejects(late, (error) => error instanceof InitFailed && /timeout: 20s/.test(error.message));
    await assert.rejects(client.create(SUBNET, { name: "s", network: "n" }), /is not ready/);
    for (const end = Date.now() + 5000; ;) {
      const created = await client.create(SUBNET, { name: "s", network: "n" }).catch(() => undefined);
      if (created !== undefined) break;
      assert.ok(Date.now() < end, "never ready");
    }
  });
});

const isDenied = (outcome: string): boolean => outcome === "denied";

/** Calls a cloud as the engine does, with defaults. */
class Client {
  constructor(readonly cloud: StubCloud) {
    cloud.configure({ project: "p", region: "r" });
  }

  check(token: string, inputs: Values, { name = "it", before = {} as Values, seed = "seed" } = {}) {
    return this.cloud.check(subject(token, name), before, inputs, Buffer.from(seed));
  }
  diff(token: string, id: string, before: Values, after: Values) {
    return this.cloud.diff(subject(token), { id, before, after });
  }
  create(
    token: string,
    inputs: Values,
    { preview = false, timeout = 0, name = String(inputs.name ?? "it") } = {},
  ) {
    return this.cloud.create(subject(token, name), inputs, preview, timeout);
  }
  update(token: string, change: Changed, { preview = false } = {}) {
    return this.cloud.update(subject(token), change, preview, 0);
  }
  delete(token: string, id: string) {
    return this.cloud.delete(subject(token), id, 0);
  }
}

const subject = (token: string, name = "it") => ({ token, name, urn: `urn:pulumi:s::p::${token}::${name}` });
