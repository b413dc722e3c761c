/**
 * Proves that the server enforces what the objects configure: the namespace rejects every pod that does not meet
 * `restricted` and accepts the program's own, refuses pods beyond the quota and gives others limits; it refuses images
 * that the policy does not allow, of pods and of what creates them, there and nowhere else; the ServiceAccount has the permissions of its Role and no others
 * anywhere; no pod gets a token; and the network policies on the server, all of them this program's, decide as
 * intended for the pods that really run. (A NetworkPolicy is enforced by a data plane, which no simulated node
 * has, so its meaning is evaluated as the API defines it.)
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { allowed, type Endpoint, type NetworkPolicy, type Pod } from "../support/netpol";
import { fixture } from "./support/fixture";
import { kubectl, kubectlReplace, list, type Live } from "./support/kubectl";
import { Stack } from "./support/stack";
import { until } from "./support/until";

const NAMESPACE = "enforced";
/** Namespaces to compare with: one that enforces the next lower level, and one that enforces nothing. */
const BASELINE = "enforced-baseline";
const NOTHING = "default";
const ACCOUNT = `--as=system:serviceaccount:${NAMESPACE}:ralph-sa`;

describe("the server enforces", () => {
  let stack: Stack | undefined;
  let worker: Live;
  let task: Live;

  before(async () => {
    await kubectl("create", "namespace", BASELINE);
    await kubectl("label", "namespace", BASELINE, "pod-security.kubernetes.io/enforce=baseline");
    const policy = { images: "deny", allowedRegistries: ["registry.example.com/team"] };
    stack = await Stack.create({ namespace: NAMESPACE, config: { policy } });
    const { code, stdout, stderr } = await stack.up();
    assert.equal(code, 0, stdout + stderr);
    worker = await podOf("worker");
    task = await podOf("task");
  });

  after(async () => {
    await stack?.remove();
    await kubectl("delete", "namespace", BASELINE, "--wait=false");
  });

  const podOf = (component: string): Promise<Live> =>
    until(`a ${component} has an address`, async () =>
      (await list("pods", "-n", NAMESPACE, "-l", `app.kubernetes.io/component=${component}`)).find(
        ({ status }) => status.podIP !== undefined,
      ),
    );

  describe("Pod Security: a pod", () => {
    const container = { name: "a", image: "a" };
    const pods: [what: string, spec: () => object, acceptedBy: string[]][] = [
      ["from the program's own template", () => own(), [NAMESPACE, BASELINE, NOTHING]],
      ["without a security context", () => ({ containers: [container] }), [BASELINE, NOTHING]],
      ["with uid 0", () => own({ runAsUser: 0, runAsNonRoot: false }), [BASELINE, NOTHING]],
      ["without seccomp", () => own({ seccompProfile: { type: "Unconfined" } }), [NOTHING]],
      [
        "with a privileged container",
        () => ({ containers: [{ ...container, securityContext: { privileged: true } }] }),
        [NOTHING],
      ],
      [
        "with a path of its node mounted",
        () => ({ ...own(), volumes: [...own().volumes, { name: "root", hostPath: { path: "/" } }] }),
        [NOTHING],
      ],
    ];

    /** The running pod's spec, before it had a node. */
    const own = (securityContext: object = {}) => ({
      ...worker.spec,
      nodeName: undefined,
      securityContext: { ...worker.spec.securityContext, ...securityContext },
    });

    for (const [what, spec, acceptedBy] of pods) {
      it(`${what} is accepted by ${acceptedBy.join(", ")}`, async () => {
        const answers = await Promise.all(
          [NAMESPACE, BASELINE, NOTHING].map(
            async (namespace) => [namespace, await ask(namespace, spec())] as const,
          ),
        );
        const accepted = answers
          .filter(([, answer]) => answer === "accepted")
          .map(([namespace]) => namespace);
        assert.deepEqual(accepted, acceptedBy, JSON.stringify(answers));
        for (const [, answer] of answers) assert.match(answer, /^accepted$|violates PodSecurity "/);
      });
    }

    it("beyond the quota is refused", async () => {
      const resources = { requests: { cpu: "1000" }, limits: { cpu: "1000" } };
      const [container] = own().containers;
      const spec = { ...own(), containers: [{ ...container, resources }] };
      assert.match(await ask(NAMESPACE, spec), /exceeded quota: ralph-quota, requested: limits\.cpu=1k/);
    });

    it("without requests and limits gets small requests, and Ralph's limits", async () => {
      const [container] = own().containers;
      const spec = { ...own(), containers: [{ ...container, resources: undefined }] };
      const { containers } = (await dryRun(NAMESPACE, spec)).spec;
      assert.deepEqual(containers[0].resources, {
        requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
        limits: { cpu: "2", memory: "4Gi", "ephemeral-storage": "10Gi" },
      });
    });

    /** The server's answer to a dry run of a pod. */
    const ask = (namespace: string, spec: object): Promise<string> =>
      dryRun(namespace, spec).then(
        () => "accepted",
        (error: Error) => error.message,
      );

    /** A pod as the server would store it. */
    async function dryRun(namespace: string, spec: object): Promise<Live> {
      // The service account of the program's pods exists only in their own namespace.
      const anywhere = { ...spec, serviceAccount: undefined, serviceAccountName: "default" };
      const file = join(fixture().dir, `pod-in-${namespace}.json`);
      writeFileSync(
        file,
        JSON.stringify({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "asked", namespace },
          spec: anywhere,
        }),
      );
      return JSON.parse(await kubectl("create", "-f", file, "--dry-run=server", "-o", "json")) as Live;
    }
  });

  describe("images: the namespace", () => {
    const allowed = `registry.example.com/team/tool@sha256:${"a".repeat(64)}`;
    const byTag = "registry.example.com/team/tool:v1";
    /** The server's answers to a dry run in this namespace and in another one. */
    const answers = (...args: string[]): Promise<string[]> =>
      Promise.all(
        [NAMESPACE, NOTHING].map((namespace) =>
          kubectl(...args, "-n", namespace, "--dry-run=server", "-o", "name").then(
            () => "accepted",
            ({ message }: Error) => message,
          ),
        ),
      );
    const refused = (image: string) =>
      new RegExp(
        `ValidatingAdmissionPolicy 'ralph-images-enforced' .* denied request: ${image}: an image must be of this ` +
          "stack or of ralph:policy\\.allowedRegistries, with its digest$",
        "m",
      );

    const owners: [kind: string, args: (image: string) => string[]][] = [
      ["a Deployment", (image) => ["create", "deployment", "asked", `--image=${image}`]],
      ["a Job", (image) => ["create", "job", "asked", `--image=${image}`]],
      ["a CronJob", (image) => ["create", "cronjob", "asked", `--image=${image}`, "--schedule=@daily"]],
    ];
    for (const [kind, args] of owners)
      it(`refuses ${kind} with an image by its tag, and accepts it by its digest`, async () => {
        const [here = "", elsewhere] = await answers(...args(byTag));
        assert.match(here, refused(byTag));
        assert.equal(elsewhere, "accepted");
        assert.deepEqual(await answers(...args(allowed)), ["accepted", "accepted"]);
      });

    it("refuses a debugger's container in a pod, and lets the pod be changed otherwise", async () => {
      const { name } = worker.metadata;
      const pod = ["pod", name, "-n", NAMESPACE];
      // Every kubectl can send it so; `patch --subresource` is newer.
      const debug = async (image: string) => {
        const live = JSON.parse(await kubectl("get", ...pod, "-o", "json")) as { spec: object };
        const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/ephemeralcontainers?dryRun=All`;
        return kubectlReplace(path, {
          ...live,
          spec: { ...live.spec, ephemeralContainers: [debugger_(image)] },
        });
      };
      const [container] = worker.spec.containers;
      const debugger_ = (image: string) => ({
        name: "debug",
        image,
        securityContext: container.securityContext,
      });
      await assert.rejects(debug("busybox"), refused("busybox"));
      await debug(allowed);
      const labels = JSON.stringify({ metadata: { labels: { changed: "true" } } });
      await kubectl("patch", ...pod, "--dry-run=server", "-p", labels);
    });
  });

  describe("RBAC: ralph-sa", () => {
    /** The rules of an account, without those that every account has. */
    async function rules(namespace: string): Promise<string[]> {
      const of = async (account: string) =>
        (await kubectl("auth", "can-i", "--list", "-n", namespace, account)).trimEnd().split("\n");
      const everybody = await of(`--as=system:serviceaccount:${NAMESPACE}:nobody`);
      return (await of(ACCOUNT))
        .filter((line) => !everybody.includes(line))
        .map((line) => line.replace(/\s+/g, " "))
        .sort();
    }

    it("may read in its namespace what its Role names, and nothing more", async () => {
      assert.deepEqual(
        await rules(NAMESPACE),
        ["configmaps", "pods", "pods/log", "secrets"].map((resource) => `${resource} [] [] [get list watch]`),
      );
    });

    for (const other of ["monitoring", "kube-system"]) {
      it(`may do nothing in ${other}`, async () => assert.deepEqual(await rules(other), []));
    }

    it("reads a Secret in its namespace", async () => {
      assert.equal(
        await kubectl("get", "secret/ralph-secrets", "-n", NAMESPACE, "-o", "name", ACCOUNT),
        "secret/ralph-secrets\n",
      );
    });

    const refused: [what: string, args: string[] | (() => string[])][] = [
      ["read another namespace's Secrets", ["get", "secrets", "-n", "kube-system"]],
      ["read the Secrets of all namespaces", ["get", "secrets", "-A"]],
      ["create a ConfigMap", ["create", "configmap", "a", "-n", NAMESPACE, "--dry-run=server"]],
      ["delete a Secret", ["delete", "secret", "ralph-secrets", "-n", NAMESPACE, "--dry-run=server"]],
      ["exec into a pod", () => ["exec", worker.metadata.name, "-n", NAMESPACE, "--", "sh"]],
      [
        "scale the workers",
        ["patch", "deployment", "ralph-orchestrator", "-n", NAMESPACE, "-p", '{"spec":{"replicas":9}}'],
      ],
    ];
    for (const [what, args] of refused) {
      it(`may not ${what}`, async () => {
        const command = typeof args === "function" ? args() : args;
        await assert.rejects(
          kubectl(ACCOUNT, ...command),
          /is forbidden: User "system:serviceaccount:enforced:ralph-sa"/,
        );
      });
    }

    it("puts no token into a pod", () => {
      for (const { metadata, spec } of [worker, task]) {
        assert.equal(spec.serviceAccountName, "ralph-sa", metadata.name);
        const tokens = spec.volumes.filter(
          ({ projected }: { projected?: object }) => projected !== undefined,
        );
        assert.deepEqual(tokens, [], metadata.name);
      }
    });
  });

  describe("the network: a pod of Ralph", () => {
    let policies: NetworkPolicy[];
    let pods: Record<"worker" | "task", Pod>;
    before(async () => {
      policies = (await list("networkpolicies", "-A")) as unknown as NetworkPolicy[];
      pods = { worker: endpoint(worker), task: endpoint(task) };
    });
    const endpoint = ({ metadata, status }: Live): Pod => ({
      namespace: NAMESPACE,
      labels: metadata.labels ?? {},
      ip: status.podIP,
    });

    const resolver: Pod = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" }, ip: "10.244.0.2" };
    const outgoing: [to: string, endpoint: Endpoint, port: number, protocol: "TCP" | "UDP", open: boolean][] =
      [
        ["a model's API", "160.79.104.10", 443, "TCP", true],
        ["that API without encryption", "160.79.104.10", 80, "TCP", false],
        ["the resolver", resolver, 53, "UDP", true],
        ["the resolver's other ports", resolver, 443, "TCP", false],
        ["the metadata server", "169.254.169.254", 80, "TCP", false],
        ["a private address", "10.0.0.1", 443, "TCP", false],
      ];
    for (const [what, to, port, protocol, open] of outgoing) {
      it(`${open ? "reaches" : "does not reach"} ${what}`, () => {
        for (const [name, from] of Object.entries(pods)) {
          assert.equal(allowed(policies, { from, to, port, protocol }), open, name);
        }
      });
    }

    const prometheus: Pod = { namespace: "monitoring", labels: { app: "prometheus" }, ip: "10.244.0.3" };
    const incoming: [by: string, endpoint: Endpoint, port: number, open: boolean][] = [
      ["Prometheus", prometheus, 8080, true],
      ["Prometheus on another port", prometheus, 22, false],
      ["the ingress controller", { ...prometheus, namespace: "ingress-nginx" }, 8081, true],
      ["the ingress controller, at the metrics", { ...prometheus, namespace: "ingress-nginx" }, 8080, false],
      ["a pod of another namespace", { ...prometheus, namespace: "default" }, 8080, false],
      ["the internet", "160.79.104.10", 8080, false],
    ];
    for (const [what, from, port, open] of incoming) {
      it(`is ${open ? "" : "not "}reached by ${what}`, () => {
        for (const [name, to] of Object.entries(pods)) {
          assert.equal(allowed(policies, { from, to, port }), open, name);
        }
      });
    }

    it("is decided by its policies: without its labels it could reach anything", () => {
      const from: Pod = { ...pods.worker, labels: {} };
      assert.equal(allowed(policies, { from, to: "169.254.169.254", port: 80 }), true);
    });
  });
});
