/** What a cloud's faults do to a stack: shared by the tests of every push and those of every night. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";

import { type Fault, PLUGINS } from "../../../stub-clouds/types";
import { AKS, type CloudStack, EKS, GKE } from "../support/cloud-stacks";
import type { Operation } from "../support/events";
import { fixture } from "../support/fixture";
import { kubectl, type Live, list } from "../support/kubectl";
import { type Outcome, Stack, type Values } from "../support/stack";

export interface Subject extends CloudStack {
  /** Keys of `ralph:cluster` that require a new cluster, and some that do not. */
  readonly replacing: Values;
  readonly inPlace: Values;
}

const MORE_NODES: Values = { nodes: { count: 4, min: 4 } };

export const SUBJECTS: readonly Subject[] = [
  { ...GKE, replacing: { location: "us-central1-b" }, inPlace: MORE_NODES },
  { ...EKS, replacing: { network: { serviceCidr: "172.21.0.0/16" } }, inPlace: MORE_NODES },
  { ...AKS, replacing: { nodes: { machineType: "Standard_D4s_v5" } }, inPlace: MORE_NODES },
];

/** One fault for each part of a run. */
const UP: readonly Fault["does"][] = ["quota", "throttle", "expired", "partial"];
const DESTROY: readonly Fault["does"][] = ["throttle", "expired", "unavailable", "fail"];
/** A busy cloud stays busy until the run ends, because a provider retries a few times; so does an expired login. */
const LASTING: readonly Fault["does"][] = ["throttle", "unavailable", "expired"];

/** The failing calls of a run, in percent of the calls of a part. */
const draws = (seed: number): readonly number[] =>
  fc.sample(fc.noBias(fc.integer({ min: 0, max: 99 })), {
    seed,
    numRuns: SUBJECTS.length * (UP.length + DESTROY.length),
  });

/** The smallest configuration with an object of most kinds, including a volume. */
const SMALL: Values = {
  tasks: [],
  schedules: [],
  monitoring: { install: "none" },
  ingress: { enabled: false },
  argocd: { enabled: false },
  persistence: { storageClass: "standard", cache: { kind: "emptyDir" } },
};

const KUBERNETES = "pulumi:providers:kubernetes";

/**
 * Declares the tests of a cloud.
 *
 * @param seed draws the failing calls
 * @param selects the parts of a run that have a fault, 0 to 3; by default all
 */
export function faultsOf(
  subject: Subject,
  seed: number,
  selects: (part: number) => boolean = () => true,
): void {
  const { from, plugins, foreign, cluster = {}, token, program, replacing, inPlace } = subject;
  const index = SUBJECTS.indexOf(subject);
  const percentages = draws(seed);

  describe(`the ${from.toUpperCase()} stack, with faults of seed ${seed}`, () => {
    let stack: Stack;
    /** The types that the cloud must have, each as often as it must exist. */
    let planned: string[];
    const clouds = () => stack.clouds ?? assert.fail("no stub cloud");
    const existing = () =>
      clouds()
        .inventory()
        // Without what the cloud creates itself.
        .filter(({ owner }) => owner === undefined)
        .map((resource) => resource.token)
        .sort();
    const changed = (values: Values): Values => ({
      cluster: { ...(stack.configured("cluster") as Values), ...values },
    });

    before(async () => {
      stack = await Stack.create({ namespace: `faults-${from}`, from, plugins, foreign, config: SMALL });
      stack.configure(changed({ ...cluster, deletionProtection: false }));
      const { code, stdout, operations } = await stack.preview();
      assert.equal(code, 0, stdout);
      planned = operations
        .map(({ type }) => type)
        .filter((type) => PLUGINS.some((plugin) => type.startsWith(`${plugin}:`)))
        .sort();
      assert.ok(planned.includes(token));
    });
    after(async () => {
      clouds().faults([]);
      await stack.remove();
    });

    /** Runs a command in which one call fails, and checks that the user sees it. */
    async function hit(command: "up" | "destroy", does: Fault["does"], place: number): Promise<void> {
      const mark = clouds().ledger().length;
      const nth = 1 + Math.floor(place * planned.length);
      clouds().faults([{ does, nth, times: LASTING.includes(does) ? Number.MAX_SAFE_INTEGER : 1 }]);
      const outcome = await stack[command]();
      clouds().faults([]);
      const failed = clouds()
        .ledger()
        .slice(mark)
        .filter((call) => call.outcome !== "ok");
      assert.ok(failed.length > 0, `call ${nth} of ${planned.length} never happened`);
      assert.deepEqual(new Set(failed.map(({ outcome }) => outcome)), new Set([does]));
      assert.notEqual(outcome.code, 0);
      for (const { name, message } of failed) assert.ok(says(outcome, name, message), messagesOf(outcome));
    }

    const parts = UP.map((up, i) => ({ up, destroy: DESTROY[i] ?? "fail", i }));
    const selected = parts.filter(({ i }) => selects(i));
    for (const { up, destroy, i } of selected) {
      const draw = (index * parts.length + i) * 2;
      const place = (n: number): number => (i + (percentages[n] ?? 0) / 100) / parts.length;
      const percent = (n: number): string => `${Math.round(place(n) * 100)} %`;

      it(`up reports a fault (${up} at ${percent(draw)}), and the next one completes`, async () => {
        await hit("up", up, place(draw));
        const { code, stdout } = await stack.up();
        assert.equal(code, 0, stdout);
        assert.deepEqual(existing(), planned);
        assert.notDeepEqual(await objects(), []);
      });

      if (i === selected[0]?.i) {
        it("is planned as a replacement, with everything in it, if the cluster is replaced, but not for an in-place edit", async () => {
          const urns = stack.resources
            .filter(({ type }) => type === token || type === KUBERNETES || type.startsWith("kubernetes:"))
            .map(({ urn }) => urn)
            .sort();
          const plan = async (values: Values): Promise<readonly Operation[]> => {
            const { code, stdout, operations } = await stack.configuredAs(changed(values), () =>
              stack.preview(),
            );
            assert.equal(code, 0, stdout);
            return operations;
          };
          const replaced = new Set(
            (await plan(replacing)).filter(({ op }) => op === "replace").map(({ urn }) => urn),
          );
          assert.deepEqual(
            urns.filter((urn) => !replaced.has(urn)),
            [],
            "kept while the cluster goes",
          );
          const edit = await plan(inPlace);
          assert.deepEqual(
            edit.filter(({ op }) => /replace|delete/.test(op)),
            [],
          );
          const touched = edit.filter(
            ({ op, urn, type }) => op !== "same" && urns.includes(urn) && type !== token,
          );
          assert.deepEqual(touched, []);
          assert.ok(edit.some(({ op, type }) => op === "same" && type === KUBERNETES));
        });

        it(`has no credential in its state, and a kubeconfig that calls ${program}`, async () => {
          const exported = await stack.pulumi(["stack", "export"]);
          assert.deepEqual(credentials(exported), []);
          assert.deepEqual(credentials(await stack.pulumi(["stack", "export", "--show-secrets"])), []);
          // The search finds what exists.
          assert.deepEqual(credentials(readFileSync(fixture().plane.kubeconfig, "utf8")), [
            "client certificate",
            "client key",
            "a key of a kubeconfig",
          ]);

          const { deployment } = JSON.parse(exported) as {
            deployment: { resources: { type: string; outputs?: Record<string, { ciphertext?: string }> }[] };
          };
          const outputs = deployment.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
          assert.equal(typeof outputs?.kubeconfig?.ciphertext, "string");

          const shown = await stack.pulumi(["stack", "output", "kubeconfig", "--show-secrets"]);
          const { users } = JSON.parse(shown) as { users: { user: { exec: Values } }[] };
          assert.deepEqual(
            users.map(({ user }) => [Object.keys(user), user.exec.command, user.exec.interactiveMode]),
            [[["exec"], program, "Never"]],
          );
        });
      }

      it(`destroy reports a fault (${destroy} at ${percent(draw + 1)}), and the next one leaves nothing`, async () => {
        await hit("destroy", destroy, place(draw + 1));
        const { code, stdout } = await stack.destroy();
        assert.equal(code, 0, stdout);
        assert.deepEqual(stack.resources, []);
        assert.deepEqual(existing(), []);
        assert.deepEqual(await objects(), []);
      });
    }
  });
}

const messagesOf = ({ diagnostics }: Outcome): string => diagnostics.map(({ message }) => message).join("\n");

/** Whether an error contains the resource's name and the cloud's own message. */
const says = ({ diagnostics }: Outcome, name = "", message = ""): boolean =>
  diagnostics.some(
    (each) =>
      each.severity === "error" &&
      each.urn?.endsWith(`::${name}`) === true &&
      each.message.includes(message.trim()),
  );

/** All objects on the server, of any kind, that the engine applied. */
async function objects(): Promise<string[]> {
  const kinds = await kubectl("api-resources", "--verbs=list", "-o", "name");
  const names = kinds.split("\n").filter((name) => name !== "" && !/^(events|.*\.metrics)/.test(name));
  const found = await list(names.join(), "-A", "--show-managed-fields");
  return found.filter(appliedByEngine).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

const appliedByEngine = ({ metadata }: Live): boolean => {
  const { managedFields = [] } = metadata as { managedFields?: readonly { manager?: string }[] };
  return managedFields.some(({ manager }) => manager?.startsWith("pulumi-kubernetes") === true);
};

/** The credentials in a text: those that the clouds' programs issue, or that a kubeconfig can contain. */
function credentials(text: string): string[] {
  const { clientCertificate, clientKey } = fixture().plane;
  const within = (file: string): boolean => {
    const pem = readFileSync(file, "utf8");
    const [, first = ""] = pem.split("\n");
    return [first, pem, Buffer.from(pem).toString("base64")].some((form) => text.includes(form));
  };
  const found: Readonly<Record<string, boolean>> = {
    "client certificate": within(clientCertificate),
    "client key": within(clientKey),
    "a private key": /PRIVATE KEY/.test(text),
    "a key of a kubeconfig": /\b(client-(key|certificate)(-data)?|token|tokenFile|id-token)\\*"?: ?/.test(
      text,
    ),
  };
  return Object.keys(found).filter((name) => found[name]);
}
