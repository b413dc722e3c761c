/**
 * Proves that anyone can preview a stack file, not only its owner: its secrets are replaced in place, settings that
 * only the owner knows are filled in if they are missing, and nothing else is changed.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";

import { previewable, writeConfig } from "../../stub-clouds/preview/stack";

describe("a stack file for a preview", () => {
  const dir = mkdtempSync(join(tmpdir(), "preview-"));
  const file = join(dir, "Pulumi.x.yaml");
  after(() => rmSync(dir, { recursive: true }));

  const read = (config: Record<string, unknown>) => {
    writeFileSync(file, stringify({ encryptionsalt: "v1:x", config }));
    return previewable(file);
  };

  it("has its secrets removed, and lists their paths in the engine's notation", () => {
    const { config, secrets } = read({
      "ralph:cloud": "existing",
      "ralph:token": { secure: "v1:a" },
      "ralph:apiKeys": { claude: { secure: "v1:b" }, existingSecret: "mine" },
      "ralph:imagePullSecrets": [{ name: "a", password: { secure: "v1:c" } }],
    });
    assert.deepEqual(secrets, ["ralph:token", "ralph:apiKeys.claude", "ralph:imagePullSecrets[0].password"]);
    assert.doesNotMatch(stringify(config), /secure|v1:/);
    assert.deepEqual((config["ralph:apiKeys"] as Record<string, unknown>).existingSecret, "mine");
  });

  const clouds: [cloud: string, plugins: string[], key: string, value: unknown][] = [
    ["gke", ["gcp"], "gcp:project", "mine"],
    ["eks", ["aws", "eks"], "aws:region", "eu-west-1"],
    ["aks", ["azure-native"], "azure-native:location", "westeurope"],
  ];
  for (const [cloud, plugins, key, value] of clouds) {
    it(`of ${cloud} has what its owner left out, and keeps what is set`, () => {
      const bare = read({ "ralph:cloud": cloud, "ralph:cluster": { name: "c" } });
      assert.deepEqual(bare.plugins, plugins);
      assert.ok(bare.filled.includes(key));
      assert.ok(bare.config[key] !== undefined);
      assert.equal((bare.config["ralph:cluster"] as Record<string, unknown>).name, "c");

      const full = read({ "ralph:cloud": cloud, [key]: value });
      assert.ok(!full.filled.includes(key));
      assert.equal(full.config[key], value);
    });
  }

  it("of an existing cluster needs no stub", () => {
    const { plugins, filled } = read({ "ralph:cloud": "existing" });
    assert.deepEqual([plugins, filled], [[], []]);
  });

  it("is written next to the salt that the engine has created", () => {
    writeFileSync(file, stringify({ encryptionsalt: "v1:new" }));
    writeConfig(file, { "ralph:cloud": "gke" });
    assert.deepEqual(parse(readFileSync(file, "utf8")), {
      encryptionsalt: "v1:new",
      config: { "ralph:cloud": "gke" },
    });
  });
});
