/**
 * Proves of every cloud in CLOUDS what the program relies on: traits that are plain data and known before any call, a
 * secret kubeconfig, an identity, operations that know every resource it creates; and that a stack loads neither
 * another cloud's SDK nor operations.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { cloud, type CloudName, CLOUDS, createCluster } from "../../clusters";
import { operationsOf } from "../../clusters/operations";
import type { Cluster } from "../../clusters/types";
import { type Config, readConfig } from "../../stack";
import { PLUGINS } from "../../stub-clouds/types";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { runStack, type StackRun, valueOf } from "../support/stack";
import { operationsProblems } from "./operations-contract";

type Program = () => unknown;

/** The minimal stack of each cloud. */
const MINIMAL: Record<CloudName, (program: Program) => Promise<StackRun>> = {
  existing: (program) => runStack({ program }),
  gke: (program) => gke.run(gke.PUBLIC, {}, { program }),
  eks: (program) => eks.run(eks.PUBLIC, {}, { program }),
  aks: (program) => aks.run(aks.MINIMAL, { program }),
};

for (const name of CLOUDS) {
  describe(`the cloud ${name}`, () => {
    let cluster: Cluster;
    let config: Config;
    let created: StackRun["resources"];
    let restore: () => void;
    before(async () => {
      restore = aks.onlyPrograms("gke-gcloud-auth-plugin", "gcloud", "aws", "kubelogin", "az");
      ({ resources: created } = await MINIMAL[name](() => {
        config = readConfig();
        cluster = createCluster("cluster", config);
        return {};
      }));
    });
    after(() => restore());

    it("has traits that are plain data, the same before it is created and after", () => {
      assert.deepEqual(cloud(name).traits(config.cluster), config.traits);
      assert.deepEqual(JSON.parse(JSON.stringify(config.traits)), config.traits);
    });

    it("has a name, an identity that is not secret, and a secret kubeconfig", async () => {
      assert.match(await valueOf<string>(cluster.clusterName), /\S/);
      assert.match(await valueOf<string>(cluster.identity), /\S/);
      assert.equal(await pulumi.isSecret(cluster.identity), false);
      assert.equal(await pulumi.isSecret(cluster.kubeconfig), true);
    });

    it("has a kubeconfig with one context, and with a program in place of credentials", async () => {
      const { contexts, users } = JSON.parse(await valueOf<string>(cluster.kubeconfig)) as Kubeconfig;
      assert.equal(contexts.length, 1);
      assert.deepEqual(
        users.map(({ user }) => Object.keys(user)),
        [["exec"]],
      );
    });

    it("is a component, with resources as its foundation and only storage classes that its traits name", async () => {
      assert.ok(pulumi.ComponentResource.isInstance(cluster));
      for (const part of cluster.foundation) assert.ok(pulumi.Resource.isInstance(part));
      for (const { name: storage } of cluster.storageClasses) {
        assert.ok(Object.values(config.traits.storageClass).includes(storage), `no trait names ${storage}`);
      }
    });

    it("has operations that know every resource it creates", () =>
      assert.deepEqual(operationsProblems(operationsOf(name), created, [...PLUGINS, "eks"]), []));
  });
}

interface Kubeconfig {
  readonly contexts: readonly unknown[];
  readonly users: readonly { readonly user: object }[];
}

describe("loading the program", () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const SDKS: Record<CloudName, RegExp> = {
    existing: /^$/,
    gke: /^@pulumi\/gcp$/,
    eks: /^@pulumi\/(aws|eks)$/,
    aks: /^@pulumi\/azure-native$/,
  };

  it("loads one cloud's SDK, no package of the tests, and only parts of @pulumi/kubernetes", async function () {
    this.timeout("60s");
    for (const name of CLOUDS) {
      const files = await loaded(["./index.ts", `./clusters/${name}`]);
      const packages = new Set(
        files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? ""),
      );
      assert.ok(packages.has("@pulumi/pulumi") && packages.has("@pulumi/kubernetes"));
      assert.deepEqual(
        Object.keys(devDependencies).filter((each) => packages.has(each)),
        [],
      );
      const sdks = [...packages].filter((each) => /^@pulumi\/(?!pulumi$|kubernetes$)/.test(each));
      assert.deepEqual(
        sdks.filter((sdk) => !SDKS[name].test(sdk)),
        [],
        name,
      );
      assert.deepEqual(
        files.filter((file) => /clusters\/.*operations/.test(file)),
        [],
        "operations, which `pulumi up` does not need",
      );
      assert.deepEqual(
        files.filter((file) => /@pulumi\/(kubernetes|gcp|aws|azure-native)\/index\.js$/.test(file)),
        [],
      );
    }
  });
});

/** The files that a separate process has loaded once it has loaded these. */
async function loaded(modules: readonly string[]): Promise<string[]> {
  const script = `
    for (const each of ${JSON.stringify(modules)}) require(each);
    process.stdout.write(JSON.stringify(Object.keys(require.cache)));`;
  const args = ["-r", "./boot/loader.js", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as string[];
}
