/**
 * Proves what the configuration of an ephemeral stack takes over from the committed one, as a whole: no name, no
 * protection, no key, no size of a cluster that is to stay, and no secret that it could not decrypt; and that
 * what it leaves is what the program accepts as ephemeral on that cloud.
 */
import assert from "node:assert/strict";
import { CLOUDS } from "../../../clusters";
import type { StackFile } from "../../../lib/stack-file";
import { clouds, committed, derive } from "../../../operations/ephemeral/stack-file";

const LIFE = { expires: "2026-11-25T20:00:00Z", owner: "team-a" };
const KEY = "projects/acme/locations/us-central1/keyRings/gke/cryptoKeys/secrets";
const base: StackFile = {
  encryption: {},
  config: {
    "gcp:project": "acme",
    "ralph:cloud": "gke",
    "ralph:cluster": {
      name: "agents",
      location: "europe-west4-a",
      zones: ["europe-west4-b"],
      nodes: { count: 5, max: 20, machineType: "n2-standard-8", spot: true },
      serviceAccount: "agents-nodes",
      api: { public: true },
      kmsKey: KEY,
      deletionProtection: true,
      logs: ["APISERVER"],
      tags: { owner: "platform", team: "agents" },
    },
    "ralph:apiKeys": { claude: { secure: "v1:c2VjcmV0" } },
    "ralph:ephemeral": { ttl: "2h" },
    "ralph:tasks": [{ name: "a", prompt: "task.md" }],
  },
};
const kept = {
  "gcp:project": "acme",
  "ralph:cloud": "gke",
  "ralph:cluster": {
    location: "europe-west4-a",
    nodes: { spot: true },
    api: { public: true },
    tags: { team: "agents" },
  },
  "ralph:ephemeral": { ttl: "2h", enabled: true, ...LIFE },
  "ralph:tasks": [{ name: "a", prompt: "task.md" }],
};
/** Without what other parts of the program switch on for a cluster that proves itself. */
const plain = (file: StackFile) => {
  const { "ralph:smoke": smoke, ...config } = file.config;
  assert.deepEqual(smoke, "ralph:smoke" in file.config ? { enabled: true } : undefined);
  return JSON.parse(JSON.stringify(config)) as unknown;
};

describe("the configuration of an ephemeral stack", () => {
  it("is the committed one without what only a cluster that is to stay has", () => {
    const file = derive(base, "gke", LIFE);
    assert.deepEqual(plain(file), { ...kept, "ralph:apiKeys": {} });
    assert.deepEqual(file.lost, ["ralph:apiKeys.claude"]);
  });

  it("keeps the secrets of a file that says how to decrypt them", () => {
    const encryption = { encryptionsalt: "v1:salt" };
    const file = derive({ ...base, encryption }, "gke", LIFE);
    assert.deepEqual(plain(file), { ...kept, "ralph:apiKeys": { claude: { secure: "v1:c2VjcmV0" } } });
    assert.deepEqual([file.encryption, file.lost], [encryption, []]);
  });

  it("is there for every cloud that makes a cluster, and for none that does not", () => {
    assert.deepEqual(
      clouds(),
      CLOUDS.filter((name) => name !== "existing"),
    );
    for (const name of clouds()) assert.equal(derive(committed(name), name, LIFE).lost.length, 0);
    for (const name of ["existing", "local", "../gke"])
      assert.throws(() => committed(name), /there are gke, eks, aks/);
  });
});
