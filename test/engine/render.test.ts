/**
 * Proves that the rendered manifests are what `pulumi up` creates: applied to an empty server with kubectl, by the
 * commands of the rendered README, they result in the same objects. Only what Pulumi alone needs differs (its
 * annotations, the checksum of the Secrets), and the Secrets' values.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import fc from "fast-check";

import { REPOSITORY } from "../../lib/repository";
import { run } from "../../lib/process";
import { toYaml } from "../../operations/render/files";
import { fixture } from "./support/fixture";
import { get, kubectl, list } from "./support/kubectl";
import { key, meaning, type Normal, normal } from "./support/normal";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "rendered";
/** Strings that a careless YAML writer would change. */
const ODD = { switch: "on", letter: "y", time: "12:30", empty: "", merge: "<<" };
/** Strings whose white space decides where a block scalar begins and ends. */
const blank = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r", "x", "#", ":", "-") });
/** Annotations that rendered manifests do not have. */
const OF_PULUMI = [
  /annotations\.(pulumi\.com\/.*|checksum\/secrets|ralph-orchestrator\/size|kubectl\.kubernetes\.io\/last-applied-configuration)$/,
];

describe("rendered manifests", () => {
  let stack: Stack;
  let folder: string;
  let byPulumi: Map<string, Normal>;
  let byKubectl: Map<string, Normal>;

  before(async () => {
    stack = await Stack.create({
      namespace: NAMESPACE,
      config: {
        prompts: { "odd.md": '# "quotes",\ta tab\n\n  - *no: {list}\n\n' },
        ingress: { enabled: true, annotations: ODD, hosts: [{ host: "*.example.com" }] },
        imagePullSecrets: [{ name: "regcred" }],
        tasks: [
          { name: "one", prompt: "odd.md", agent: "claude" },
          { name: "two", prompt: "task.md", maxIterations: 3 },
        ],
      },
    });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    byPulumi = await settled();
    await stack.destroy();

    folder = join(stack.dir, "k8s");
    const rendering = await shell(
      `./ralphctl render --stack ${NAMESPACE} --out ${folder} --config-file ${stack.configFile}`,
    );
    assert.equal(rendering.code, 0, rendering.stderr);
    assert.equal(await get("namespace", NAMESPACE), undefined);
    for (const commands of readmeCommands(folder)) {
      const applied = await shell(`set -e\n${commands}`);
      assert.equal(applied.code, 0, commands + applied.stderr);
    }
    byKubectl = await settled();
  });

  after(async () => {
    if (folder !== undefined) await kubectl("delete", "-R", "-f", folder, "--wait=false");
    await stack.remove();
  });

  it("create the same objects", () => {
    assert.deepEqual([...byKubectl.keys()].sort(), [...byPulumi.keys()].sort());
    assert.ok(byPulumi.size >= 20, `only ${byPulumi.size} objects`);
  });

  it("create identical objects, except for the Secrets' values", () => {
    for (const [key, object] of byPulumi) {
      if (!key.startsWith("Secret/")) assert.deepEqual(plain(byKubectl.get(key)), plain(object), key);
    }
  });

  it("create Secrets with the same keys", () => {
    const keys = (objects: Map<string, Normal>) =>
      Object.keys(objects.get("Secret/ralph-secrets")?.data as object);
    assert.deepEqual(keys(byKubectl), keys(byPulumi));
    assert.deepEqual(keys(byKubectl), ["CLAUDE_API_KEY", "GEMINI_API_KEY", "Q_API_KEY"]);
  });

  it("change nothing when they are applied again", async () => {
    const before = await versions();
    const lines = (await kubectl("apply", "-f", folder, "-f", join(folder, "argocd"))).trim().split("\n");
    assert.equal(lines.length, byKubectl.size - 1, "the Secret is not among them");
    assert.deepEqual(await versions(), before);
  });

  /** The server's objects, after pods run and claims are bound. */
  async function settled(): Promise<Map<string, Normal>> {
    await kubectl("rollout", "status", "deployment/ralph-orchestrator", "-n", NAMESPACE, "--timeout=30s");
    await until("the claims are bound", async () =>
      (await list("pvc", "-n", NAMESPACE)).every(({ status }) => status.phase === "Bound"),
    );
    return meaning(NAMESPACE);
  }

  /** A change of an object increments its generation; of kinds without one, controllers change only the status. */
  async function versions(): Promise<Record<string, unknown>> {
    const kinds =
      "ns,cm,pvc,deploy,svc,job,hpa,cj,sa,role,rolebinding,netpol,ing,pdb,servicemonitor,prometheusrule,quota,limits";
    const objects = await list(kinds, "-n", NAMESPACE);
    return Object.fromEntries(
      objects.map((object) => {
        const { generation, resourceVersion } = object.metadata as {
          generation?: number;
          resourceVersion?: string;
        };
        return [key(object), generation ?? (object.status === undefined ? resourceVersion : object.spec)];
      }),
    );
  }

  const plain = (object: Normal | undefined): Normal => normal(object ?? {}, OF_PULUMI);

  function shell(script: string) {
    const { toolchain, plane } = fixture();
    const PATH = [dirname(toolchain.paths.kubectl), process.env.PATH].join(delimiter);
    const keys = { CLAUDE_API_KEY: "a", GEMINI_API_KEY: "b", Q_API_KEY: "c" };
    return run("sh", ["-c", script], {
      cwd: REPOSITORY,
      env: { ...process.env, ...keys, PATH, KUBECONFIG: plane.kubeconfig },
      timeout: 60_000,
    });
  }
});

describe("rendered text", () => {
  it("is read by kubectl as it was written", async () => {
    const text = fc.oneof(
      fc.constantFrom(...Object.values(ODD), "1_000", "0o17", "0x1f", "~", "2001-01-01"),
      fc.string({ unit: "binary" }),
      blank,
    );
    const data = fc.sample(text, { numRuns: 2000, seed: 1 });
    const file = join(fixture().dir, "odd.yaml");
    writeFileSync(
      file,
      toYaml({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "odd" }, data: { ...data } }),
    );
    const read = await kubectl("create", "-f", file, "--dry-run=client", "-o", "json");
    assert.deepEqual(Object.values((JSON.parse(read) as { data: object }).data), data);
  });
});

/** The command blocks of the rendered README. */
const readmeCommands = (folder: string): string[] =>
  [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^```sh\n([^]*?)^```$/gm)].map(
    ([, block = ""]) => block,
  );
