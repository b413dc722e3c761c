/**
 * Proves `image.build` on the real engine, with a stub of the plugin that builds: a preview builds nothing; `up`
 * pushes once; every pod on the server runs the pushed image by its digest; and the plugin is used only if
 * something is built. `destroy` deletes it, and nothing that others have on the cluster. What BuildKit makes of
 * the Dockerfile is not proven here: no Docker is needed.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Call } from "../../stub-clouds/types";
import { changes } from "./support/events";
import { get, kubectl, kubectlWith, list, type Live } from "./support/kubectl";
import { lifecycle } from "./support/lifecycle";
import { Stack } from "./support/stack";

const NAMESPACE = "built";
const REPOSITORY = "registry.example.com/team/ralph";
const IMAGE = "docker-build:index:Image";

describe("an image that is built", () => {
  let stack: Stack;
  /** Calls that would have built or pushed something. */
  const builds = (): readonly Call[] =>
    (stack.clouds ?? assert.fail("no stub"))
      .ledger()
      .filter(
        ({ token, method, preview }) =>
          token === IMAGE && (method === "Create" || method === "Update") && preview !== true,
      );
  /** Images of all pod templates on the server. */
  const deployed = async (): Promise<Set<string>> =>
    new Set(
      (await list("deployments,jobs,cronjobs", "-n", NAMESPACE)).map(
        ({ spec }: Live) => (spec.jobTemplate?.spec ?? spec).template.spec.containers[0].image as string,
      ),
    );

  before(async () => {
    stack = await Stack.create({
      namespace: NAMESPACE,
      plugins: [],
      config: { image: { build: true, repository: REPOSITORY } },
    });
    // As `docker login` writes it: for a registry of the user's own, the program logs no one in.
    const docker = join(stack.clouds?.dir ?? assert.fail("no stub"), "docker");
    mkdirSync(docker);
    const auth = Buffer.from("robot:password").toString("base64");
    writeFileSync(
      join(docker, "config.json"),
      JSON.stringify({ auths: { "registry.example.com": { auth } } }),
    );
  });
  after(() => stack.remove());

  it("is not built by a preview", async () => {
    const { code, stdout, stderr, summary } = await stack.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.ok((summary?.create ?? 0) > 20);
    assert.deepEqual(builds(), []);
  });

  it("is pushed once, and every pod runs it by its digest", async () => {
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(
      builds().map(({ method }) => method),
      ["Create"],
    );
    const [created] = (stack.clouds ?? assert.fail("no stub")).inventory();
    assert.equal(created?.token, IMAGE);
    assert.deepEqual(created.inputs.tags, [`${REPOSITORY}:v1.0.0`]);
    assert.match(created.outputs.digest as string, /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(await deployed(), new Set([`${REPOSITORY}@${created.outputs.digest}`]));
  });

  it("is not pushed again by a second `up`", async () => {
    const { code, stdout, stderr, operations } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(changes(operations), []);
    assert.equal(builds().length, 1);
  });

  it("rolls no pod if it is the same under another tag", async () => {
    const pods = await deployed();
    await stack.configuredAs({ image: { build: true, repository: REPOSITORY, tag: "v2" } }, async () => {
      const { code, stdout, stderr, operations } = await stack.up();
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(
        changes(operations).map(({ op, type }) => `${op} ${type}`),
        [`update ${IMAGE}`],
      );
    });
    assert.deepEqual(await deployed(), pods);
  });

  it("needs its plugin only if the build is enabled", async () => {
    const folder = join(stack.dir, "pulumi-home", "plugins");
    const plugin = readdirSync(folder).find((name) => name.startsWith("resource-docker-build-")) ?? "";
    renameSync(join(folder, plugin), join(stack.dir, plugin));
    try {
      const without = await stack.preview();
      assert.notEqual(without.code, 0);
      assert.match(without.stdout + without.stderr, /docker-build/);
      const other = await Stack.create({ namespace: `${NAMESPACE}-not` });
      const { code, stdout, stderr } = await other.preview();
      await other.remove();
      assert.equal(code, 0, stdout + stderr);
    } finally {
      renameSync(join(stack.dir, plugin), join(folder, plugin));
    }
  });

  it("is deleted with its stack, and what others have on the cluster stays", async () => {
    const theirs = { namespace: "built-beside", name: "theirs" };
    await kubectlWith(
      [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: theirs.namespace } },
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: theirs,
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
        },
      ],
      "apply",
    );
    try {
      const before = await get("pvc", theirs.name, theirs.namespace);
      const { code, stdout, stderr } = await lifecycle(stack, "destroy", "--yes").result;
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(stack.resources, []);
      const after = await get("pvc", theirs.name, theirs.namespace);
      assert.deepEqual(
        [after?.metadata.uid, after?.metadata.deletionTimestamp],
        [before?.metadata.uid, undefined],
      );
    } finally {
      await kubectl("delete", "namespace", theirs.namespace, "--wait=false");
    }
  });
});
