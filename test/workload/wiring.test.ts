/**
 * Proves what holds for every object: where it belongs, that each name a pod refers to is there before it, and
 * that no secret is in an input that the engine would store in plain text.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTraits } from "../../clusters/types";
import { readConfig } from "../../stack";
import { Ralph } from "../../workload";
import { type Registered, runStack, type StackRun, valueOf } from "../support/stack";
import {
  CANARIES,
  changed,
  DEFAULT_WARNINGS,
  defaults,
  everything,
  EVERYTHING,
  KIND,
  podOf,
} from "../support/workload";

const PODS = [KIND.deployment, KIND.job, KIND.cronJob];
const objects = ({ resources }: StackRun) => resources.filter(({ type }) => type.startsWith("kubernetes:"));

describe("every object", () => {
  it("is a child of Ralph, by the one provider, whose kubeconfig is secret", async () => {
    const run = await everything();
    const [provider, ...others] = run.ofType("pulumi:providers:kubernetes");
    assert.ok(provider);
    assert.deepEqual(others, []);
    assert.deepEqual(provider.secret, ["kubeconfig"]);
    const ralph = run.find("ralph:workload:Ralph", "ralph");
    for (const { urn, parent, provider: by } of objects(run)) {
      assert.equal(parent, ralph.urn, urn);
      assert.equal(by, `${provider.urn}::kubernetes-id`, urn);
    }
  });

  it("is in the namespace, but for the namespace itself and what belongs to other systems", async () => {
    const elsewhere = Object.fromEntries(
      objects(await everything())
        .filter(({ inputs }) => inputs.metadata.namespace !== "ralph-orchestrator")
        .map(({ inputs: { kind, metadata } }) => [`${kind} ${metadata.name}`, metadata.namespace]),
    );
    assert.deepEqual(elsewhere, {
      "Namespace ralph-orchestrator": undefined,
      "ConfigMap prometheus-config": "monitoring",
      "Application ralph-orchestrator": "argocd",
    });
  });

  it("keeps its fields from other managers, but for the namespace, whose label another stack must not take", async () => {
    const others = objects(await everything()).filter(
      ({ inputs }) => inputs.metadata.annotations?.["pulumi.com/patchForce"] !== "true",
    );
    assert.deepEqual(
      others.map(({ type }) => type),
      [KIND.namespace],
    );
  });

  it("shares no name with an object of another stack, whose namespace is another", async () => {
    const [first, second] = await Promise.all([
      everything(),
      runStack({ config: { ...EVERYTHING, namespace: "team-a" } }),
    ]);
    const named = (run: StackRun) =>
      new Set(
        objects(run).map(({ type, inputs: { metadata } }) =>
          [type, metadata.namespace, metadata.name].join(" "),
        ),
      );
    assert.deepEqual(
      [...named(first)].filter((name) => named(second).has(name)),
      [],
    );
    assert.deepEqual(
      ["ralph-prometheus-config", "ralph-argocd-application"].map(
        (name) => second.resources.find((each) => each.name === name)?.ignoreChanges,
      ),
      [["metadata.name"], ["metadata.name"]],
    );
  });

  it("has a name of its own, so that nothing is renamed by an update", async () => {
    for (const { urn, inputs } of objects(await everything())) assert.ok(inputs.metadata.name, urn);
  });
});

describe("every pod", () => {
  it("refers to nothing that is not made before it, or declared to exist", async () => {
    const run = await everything();
    const made = (kind: string) =>
      new Map(run.ofType(kind).map((each) => [each.inputs.metadata.name, each.urn]));
    const there: Record<string, Map<string, string>> = {
      ConfigMap: made(KIND.configMap),
      Secret: made(KIND.secret),
      PersistentVolumeClaim: made(KIND.claim),
      ServiceAccount: made(KIND.serviceAccount),
    };
    for (const owner of PODS.flatMap(run.ofType)) {
      const referred = references(podOf(owner).spec).filter(([, name]) => name !== "gcr-json-key");
      assert.ok(referred.length >= 5, owner.urn);
      for (const [kind, name] of referred) {
        const urn = there[kind]?.get(name);
        assert.ok(urn, `${owner.name}: no ${kind} ${name}`);
        assert.ok(owner.dependencies.includes(urn), `${owner.name} may come up before ${kind} ${name}`);
      }
      const [policy] = run.ofType(KIND.networkPolicy);
      assert.ok(owner.dependencies.includes(policy?.urn ?? ""), "a pod before its network is closed");
    }
  });

  it("mounts each of its volumes, and each mount has a volume", async () => {
    for (const owner of PODS.flatMap((await everything()).ofType)) {
      const { volumes, containers, initContainers } = podOf(owner).spec;
      const names: string[] = volumes.map(nameOf);
      assert.equal(new Set(names).size, names.length);
      const mounted = [...containers, ...initContainers].map(({ volumeMounts }) => volumeMounts.map(nameOf));
      for (const each of mounted) assert.equal(new Set(each).size, each.length);
      assert.deepEqual([...new Set(mounted.flat())].sort(), names.sort());
    }
  });

  it("shows the credentials for git to no container that an agent runs in", async () => {
    for (const owner of PODS.flatMap((await everything()).ofType)) {
      const { containers, initContainers, shareProcessNamespace } = podOf(owner).spec;
      const has = (name: string) => (container: object) => JSON.stringify(container).includes(name);
      assert.deepEqual([...containers, ...initContainers].filter(has('"git"')).map(nameOf), ["git"]);
      assert.deepEqual(containers.filter(has("ralph-git")), []);
      assert.deepEqual(initContainers.filter(has("ralph-secrets")), []);
      assert.equal(shareProcessNamespace, undefined);
    }
  });

  it("is identified by its component, and shares the label app", async () => {
    const run = await everything();
    assert.deepEqual(
      new Set(PODS.flatMap(run.ofType).map((owner) => podOf(owner).metadata.labels)),
      new Set(
        ["worker", "task", "smoke", "schedule"].map((component) => ({
          app: "ralph-orchestrator",
          "app.kubernetes.io/name": "ralph-orchestrator",
          "app.kubernetes.io/component": component,
        })),
      ),
    );
  });

  it("runs where the cluster says that its nodes for them are", async () => {
    const scheduling = {
      nodeSelector: { pool: "ralph" },
      tolerations: [{ key: "spot", operator: "Equal", value: "true", effect: "NoSchedule" }],
    } as const;
    const on = (told: Pick<ClusterTraits, "scheduling">) =>
      runStack({
        program: () => {
          const { ralph, traits } = readConfig();
          new Ralph("ralph", { config: ralph, traits: { ...traits, ...told }, image: "ralph:test" });
          return {};
        },
      });
    for (const owner of PODS.flatMap((await on({ scheduling })).ofType)) {
      const { nodeSelector, tolerations } = podOf(owner).spec;
      assert.deepEqual({ nodeSelector, tolerations }, scheduling);
    }
    for (const owner of PODS.flatMap((await on({})).ofType)) {
      assert.equal("nodeSelector" in podOf(owner).spec, false);
      assert.equal("tolerations" in podOf(owner).spec, false);
    }
  });
});

describe("secrets", () => {
  it("are in no input and no output that the engine stores in plain text", async () => {
    const run = await everything();
    // Each is somewhere, or this would prove nothing.
    const stored = JSON.stringify(run.resources.map(({ inputs }) => inputs));
    for (const canary of Object.values(CANARIES)) assert.ok(stored.includes(canary));
    for (const { urn, inputs, secret } of run.resources) {
      const plain = Object.entries(inputs as object).filter(([key]) => !secret.includes(key));
      assertNone(urn, JSON.stringify(plain));
    }
    for (const [name, output] of Object.entries(run.outputs)) {
      if (!(await pulumi.isSecret(output as pulumi.Output<unknown>))) {
        assertNone(name, JSON.stringify(await valueOf(output)));
      }
    }
  });

  it("leave the program only in the kubeconfig, which is one", async () => {
    const { outputs } = await everything();
    const secret = await Promise.all(
      Object.entries(outputs).map(async ([name, output]) => [
        name,
        await pulumi.isSecret(output as pulumi.Output<unknown>),
      ]),
    );
    assert.deepEqual(Object.fromEntries(secret), { clusterName: false, kubeconfig: true, namespace: false });
  });
});

describe("a preview", () => {
  it("plans the same objects as an update, each with the same inputs", async () => {
    const [preview, update] = [await runStack({ config: EVERYTHING, preview: true }), await everything()];
    const planned = (run: StackRun) => new Map(run.resources.map(({ urn, inputs }) => [urn, inputs]));
    assert.deepEqual([...planned(preview).keys()].sort(), [...planned(update).keys()].sort());
    for (const [urn, inputs] of planned(preview)) assert.deepEqual(inputs, planned(update).get(urn), urn);
  });
});

describe("a stack", () => {
  it("warns by default of results that are lost and workers that cannot be added, and of nothing else", async () => {
    assert.deepEqual((await defaults()).warnings, DEFAULT_WARNINGS);
  });

  it("lives beside other stacks in one process, each with its own configuration", async () => {
    const [first, second] = [await changed({ namespace: "one" }), await changed({ namespace: "two" })];
    assert.equal(await valueOf(first.outputs.namespace), "one");
    assert.equal(await valueOf(second.outputs.namespace), "two");
  });
});

/** The names of other objects in a pod's spec, by kind. */
function references(spec: Registered["inputs"]): [kind: string, name: string][] {
  const found: [string, string][] = [["ServiceAccount", spec.serviceAccountName]];
  for (const { name } of spec.imagePullSecrets ?? []) found.push(["Secret", name]);
  for (const { configMapRef, secretRef } of spec.containers[0].envFrom) {
    found.push(configMapRef === undefined ? ["Secret", secretRef.name] : ["ConfigMap", configMapRef.name]);
  }
  for (const { valueFrom } of spec.containers[0].env)
    if (valueFrom !== undefined) found.push(["Secret", valueFrom.secretKeyRef.name]);
  for (const { configMap, persistentVolumeClaim, secret } of spec.volumes) {
    if (secret !== undefined) found.push(["Secret", secret.secretName]);
    if (configMap !== undefined) found.push(["ConfigMap", configMap.name]);
    if (persistentVolumeClaim !== undefined)
      found.push(["PersistentVolumeClaim", persistentVolumeClaim.claimName]);
  }
  return found;
}

const nameOf = ({ name }: { name: string }) => name;

function assertNone(where: string, text: string | undefined): void {
  for (const canary of Object.values(CANARIES)) assert.ok(!text?.includes(canary), `${where} has ${canary}`);
}
