import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type EngineTool, engineVariables, pulumiEnvironment } from "../../local/engine";
import { BUILT, EXACT, SDK_VERSION } from "../../local/tools/provider";
import { exportLines } from "../../local/shell-env";
import { run } from "../../lib/process";
import type { Toolchain } from "../../local/tools/toolchain";
import { environment } from "../support/environment";

const toolchain = (provider = BUILT): Toolchain<EngineTool> => ({
  paths: {
    pulumi: "/tools/pulumi",
    "pulumi-language-nodejs": "/tools/pulumi-language-nodejs",
    "pulumi-resource-kubernetes": "/tools/pulumi-resource-kubernetes",
    kubectl: "/tools/kubectl",
  },
  provider,
});

describe("the environment of an engine run", () => {
  let dir: string;
  const restore = environment();
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "engine-"))));
  afterEach(() => {
    restore();
    rmSync(dir, { recursive: true });
  });

  it("has neither the user's Pulumi settings nor their kubeconfig", () => {
    Object.assign(process.env, {
      PULUMI_ACCESS_TOKEN: "pul-secret",
      PULUMI_BACKEND_URL: "s3://theirs",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/theirs",
      PULUMI_HOME: "/theirs",
      PULUMI_STACK: "theirs",
      KUBECONFIG: "/theirs",
      AWS_PROFILE: "kept",
      GOGC: "kept",
    });
    const env = pulumiEnvironment({ dir, toolchain: toolchain(), passphrase: "p" });
    const theirs = Object.entries(env).filter(
      ([name, value]) => /^(PULUMI_|KUBECONFIG)/.test(name) && /theirs|pul-secret/.test(value ?? ""),
    );
    assert.deepEqual(theirs, []);
    assert.equal(env.PULUMI_CONFIG_PASSPHRASE_FILE, undefined);
    assert.equal(env.PULUMI_BACKEND_URL, `file://${dir}/state`);
    assert.equal(env.KUBECONFIG, join(dir, "kubeconfig"));
    assert.deepEqual([env.AWS_PROFILE, env.GOGC], ["kept", "kept"]);
  });

  it("finds the tools first, each under its own name", () => {
    const { PATH = "" } = pulumiEnvironment({ dir, toolchain: toolchain(), passphrase: "p" });
    assert.equal(PATH.split(":")[0], join(dir, "bin"));
    assert.equal(readlinkSync(join(dir, "bin", "pulumi")), "/tools/pulumi");
  });

  it("has the provider where the engine looks for the SDK's version", () => {
    pulumiEnvironment({ dir, toolchain: toolchain(), passphrase: "p" });
    const plugin = join(dir, "pulumi-home", "plugins", `resource-kubernetes-v${SDK_VERSION}`);
    assert.equal(
      readlinkSync(join(plugin, "pulumi-resource-kubernetes")),
      "/tools/pulumi-resource-kubernetes",
    );
  });

  it("has no folder for the engine's own logs, even if one existed before", () => {
    mkdirSync(join(dir, "pulumi-home", "logs"), { recursive: true });
    const prepare = () => pulumiEnvironment({ dir, toolchain: toolchain(), passphrase: "p" });
    prepare();
    prepare();
    assert.ok(statSync(join(dir, "pulumi-home", "logs")).isFile());
  });

  it("forbids downloads only if this provider could not be downloaded", () => {
    const acquisition = (provider: typeof BUILT): string | undefined =>
      engineVariables({ dir, toolchain: toolchain(provider), passphrase: "p" })
        .PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION;
    assert.equal(acquisition(BUILT), "true");
    assert.equal(acquisition(EXACT), undefined);
  });

  it("uses a passphrase file instead of a passphrase", () => {
    const env = engineVariables({ dir, toolchain: toolchain(), passphrase: { file: "/f" } });
    assert.equal(env.PULUMI_CONFIG_PASSPHRASE_FILE, "/f");
    assert.equal(env.PULUMI_CONFIG_PASSPHRASE, undefined);
  });
});

describe("export lines", () => {
  it("give a shell the exact values", async () => {
    const value = `it's "$HOME" \`x\` \\ and\na line`;
    const { stdout } = await run("sh", ["-c", `${exportLines({ VALUE: value })}\nprintf %s "$VALUE"`]);
    assert.equal(stdout, value);
  });
});
