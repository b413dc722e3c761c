/** Proves where the kubeconfig of an existing cluster comes from, and which changes make it another cluster. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cloud } from "../../clusters/existing";
import { BASE, KUBECONFIG } from "../support/base";
import { environment } from "../support/environment";
import { runStack, valueOf } from "../support/stack";

const text = fs.readFileSync(KUBECONFIG, "utf8");

describe("an existing cluster", () => {
  const restore = environment();
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "ralph-existing-"))));
  afterEach(() => {
    restore();
    fs.rmSync(folder, { recursive: true });
  });
  const written = (content: string, name = "config"): string => {
    fs.writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };

  const provider = async (cluster: object) => {
    const run = await runStack({
      config: { ...BASE, cluster: { storageClass: BASE.cluster.storageClass, ...cluster } },
    });
    return run.find("pulumi:providers:kubernetes", "kubernetes").inputs;
  };

  it("comes from $KUBECONFIG unless the stack names a file, in which `~` is the user's home", async () => {
    process.env.KUBECONFIG = written(text.replaceAll("test.example.com", "env.example.com"));
    process.env.HOME = folder;
    written(text.replaceAll("test.example.com", "home.example.com"), "mine");
    assert.equal((await provider({})).clusterIdentifier, "https://env.example.com:6443");
    assert.equal(
      (await provider({ kubeconfig: KUBECONFIG })).clusterIdentifier,
      "https://test.example.com:6443",
    );
    assert.equal(
      (await provider({ kubeconfig: "~/mine" })).clusterIdentifier,
      "https://home.example.com:6443",
    );
  });

  it("is rejected without a file, with the key that fixes it", () => {
    delete process.env.KUBECONFIG;
    process.env.HOME = folder;
    const check = (cluster: object) =>
      cloud.check(cloud.schema.parse(cluster)).map(({ key, rule }) => [key, rule]);
    assert.deepEqual(check({}), [
      ["ralph:cluster.kubeconfig", "$KUBECONFIG is not set, and ~/.kube/config does not exist"],
    ]);
    assert.deepEqual(check({ kubeconfig: folder }), [
      ["ralph:cluster.kubeconfig", `${folder} cannot be read: EISDIR`],
    ]);
    assert.deepEqual(check({ kubeconfig: KUBECONFIG }), []);
  });

  it("keeps its identity if its credentials change, and gets another at another address", async () => {
    const before = await provider({ kubeconfig: written(text) });
    const renewed = await provider({ kubeconfig: written(text.replace("get-token", "get-another-token")) });
    assert.equal(renewed.clusterIdentifier, before.clusterIdentifier);
    assert.notEqual(renewed.kubeconfig, before.kubeconfig);
    const moved = await provider({
      kubeconfig: written(text.replace("test.example.com", "moved.example.com")),
    });
    assert.notEqual(moved.clusterIdentifier, before.clusterIdentifier);
  });

  it("has the name of its context", async () => {
    const run = await runStack({ config: { ...BASE, cluster: { ...BASE.cluster, context: "other" } } });
    assert.equal(await valueOf(run.outputs.clusterName), "other");
  });
});
