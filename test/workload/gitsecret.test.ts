/** Proves what `ralph:git` changes, object by object, and that without a remote it changes nothing. */
import assert from "node:assert/strict";
import { HOST_KEY, KEY, PRIVATE_KEY, REMOTE } from "../support/git";
import { allowed, type NetworkPolicy, type Pod } from "../support/netpol";
import type { StackConfig, StackRun } from "../support/stack";
import { changed, defaults, KIND, manifest, podOf } from "../support/workload";

const OWN = { remote: REMOTE, privateKey: PRIVATE_KEY, knownHosts: HOST_KEY };
const PODS = [KIND.deployment, KIND.job, KIND.cronJob];
const manifests = ({ resources }: StackRun) =>
  resources.map(({ urn, inputs, secret }) => ({ urn, inputs, secret }));
const without = (value: unknown, ...keys: string[]) =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (keys.includes(key) ? undefined : inner)),
  ) as unknown;

describe("a git remote", () => {
  it("has its Secret, encrypted as a whole, with the final line break that SSH requires", async () => {
    const run = await changed({
      git: { ...OWN, privateKey: PRIVATE_KEY.trim().replaceAll("\n", "\r\n"), knownHosts: `\n${HOST_KEY}` },
    });
    const { inputs, secret } = run.find(KIND.secret, "ralph-git");
    assert.deepEqual(inputs, {
      ...manifest(`
        apiVersion: v1
        kind: Secret
        metadata:
          name: ralph-git
          namespace: ralph-orchestrator
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        type: kubernetes.io/ssh-auth
      `),
      stringData: { "ssh-privatekey": PRIVATE_KEY, known_hosts: `${HOST_KEY}\n` },
    });
    assert.deepEqual(secret, ["stringData"]);
  });

  it("adds to every pod a container that alone has the Secret, and a socket between the two, and nothing else", async () => {
    const [before, after] = [await defaults(), await changed({ git: OWN })];
    for (const owner of PODS.flatMap(after.ofType)) {
      const was = structuredClone(podOf(before.resources.find(({ urn }) => urn === owner.urn) as never));
      const { spec } = was as {
        spec: Record<string, never[]> & { containers: Record<string, never[]>[] };
      };
      const add = (list: unknown, at: number, ...texts: string[]): void =>
        void (list as unknown[]).splice(at, 0, ...texts.map(manifest));
      add(spec.volumes, 3, "{ name: git-socket, emptyDir: {} }");
      add(
        spec.volumes,
        6,
        "{ name: git, secret: { secretName: ralph-git, defaultMode: 288 } }",
        "{ name: git-cache, emptyDir: {} }",
      );
      add(spec.containers[0]?.volumeMounts, 3, "{ name: git-socket, mountPath: /run/ralph }");
      const { image, imagePullPolicy, env = [] } = spec.containers[0] ?? {};
      Object.assign(spec, {
        initContainers: [
          {
            ...{ image, imagePullPolicy },
            ...(manifest(`
              name: git
              restartPolicy: Always
              args: [git]
              envFrom: [{ configMapRef: { name: ralph-config } }]
              resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { cpu: "1", memory: 1Gi } }
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, readOnlyRootFilesystem: true }
              volumeMounts:
                - { name: git, mountPath: /etc/ralph/ssh, readOnly: true }
                - { name: git-socket, mountPath: /run/ralph }
                - { name: git-cache, mountPath: /tmp }
            `) as object),
            // The run's own variables, and no key.
            env: (env as { name: string; value?: string }[]).filter(({ name }) => name.startsWith("RALPH_")),
          },
        ],
      });
      const is = podOf(owner);
      const order = (list: readonly { name: string }[]) =>
        [...list].sort((one, other) => one.name.localeCompare(other.name));
      for (const each of [is, was]) each.spec.volumes = order(each.spec.volumes as { name: string }[]);
      assert.deepEqual(without(is, "annotations"), without(was, "annotations"));
    }
    assert.equal(0o440, 288);
  });

  it("is passed to the runner by the ConfigMap", async () => {
    const run = await changed({ git: { ...OWN, branchPrefix: "results/of-" } });
    const { data } = run.find(KIND.configMap, "ralph-config").inputs as { data: Record<string, string> };
    const own = Object.fromEntries(Object.entries(data).filter(([name]) => name.startsWith("RALPH_GIT")));
    assert.deepEqual(own, {
      RALPH_GIT_REMOTE: REMOTE,
      RALPH_GIT_BRANCH_PREFIX: "results/of-",
      RALPH_GIT_SSH: "/etc/ralph/ssh",
      RALPH_GIT_SOCKET: "/run/ralph/git.sock",
      RALPH_GIT_HOST: "github.com",
    });
  });

  it("passes a source to the runner in the same way, and a run's own one by variables of its pods", async () => {
    const source = {
      ...{ repository: "https://github.com/owner/name.git", ref: "main", directory: "app", setup: "npm ci" },
      ...{ prompts: "work/queue", pullRequest: { enabled: true, draft: true, base: "next" } },
    };
    const own = {
      name: "night",
      prompt: "task.md",
      agent: "claude",
      source: { ref: "v1", directory: "lib" },
    };
    const run = await changed({ git: { token: "github_pat_0" }, source, tasks: [own] });
    const passed = { RALPH_SOURCE_REPOSITORY: source.repository, RALPH_SOURCE_SETUP: "npm ci" };
    const request = { RALPH_PULL_REQUEST: "draft", RALPH_PULL_REQUEST_BASE: "next" };
    const variables = (all: Record<string, string>) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => /^RALPH_(SOURCE|PULL_REQUEST)/.test(name)));
    assert.deepEqual(variables(run.find(KIND.configMap, "ralph-config").inputs.data), {
      ...{ ...passed, ...request, RALPH_SOURCE_REF: "main", RALPH_SOURCE_DIRECTORY: "app" },
      RALPH_SOURCE_PROMPTS: "work/queue",
    });
    const { initContainers, containers } = podOf(run.find(KIND.job, "night")).spec;
    for (const { env } of [...initContainers, ...containers] as { env: { name: string; value: string }[] }[])
      assert.deepEqual(variables(Object.fromEntries(env.map(({ name, value }) => [name, value]))), {
        ...{ ...passed, ...request, RALPH_SOURCE_REF: "v1", RALPH_SOURCE_DIRECTORY: "lib" },
      });
  });

  it("creates no Secret if an existing one is named, which the pods then mount", async () => {
    const run = await changed({ git: { remote: REMOTE, existingSecret: "deploy-key" } });
    assert.equal(run.ofType(KIND.secret).length, 1);
    for (const owner of PODS.flatMap(run.ofType)) {
      const volumes = podOf(owner).spec.volumes as { name: string; secret?: { secretName: string } }[];
      assert.equal(volumes.find(({ name }) => name === "git")?.secret?.secretName, "deploy-key");
    }
  });

  it("changes no manifest if it is not set", async () => {
    assert.deepEqual(
      manifests(await changed({ git: { branchPrefix: "other/" } })),
      manifests(await defaults()),
    );
  });

  describe("restarts the workers, and replaces no Job", () => {
    const before = changed({ git: OWN });
    const cases: [change: string, git: StackConfig, sum: string][] = [
      ["the key", { ...OWN, privateKey: PRIVATE_KEY.replace("canary", "other") }, "checksum/secrets"],
      ["the host's keys", { ...OWN, knownHosts: `*${KEY}` }, "checksum/secrets"],
      ["the remote", { ...OWN, remote: "git@github.com:owner/other.git" }, "checksum/config"],
    ];
    for (const [change, git, sum] of cases) {
      it(`on a change of ${change}`, async () => {
        const [was, is] = [await before, await changed({ git })];
        const sums = (run: StackRun): Record<string, string> =>
          podOf(run.find(KIND.deployment, "ralph")).metadata.annotations as Record<string, string>;
        const differ = Object.keys(sums(is)).filter((name) => sums(is)[name] !== sums(was)[name]);
        assert.deepEqual(differ, [sum]);
        assert.deepEqual(is.find(KIND.job, "ralph-task").inputs, was.find(KIND.job, "ralph-task").inputs);
      });
    }
  });

  describe("opens the network", () => {
    const reaches = async (config: StackConfig, ip: string, port: number): Promise<boolean> => {
      const run = await changed(config);
      const policies = run.ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
      const { metadata } = run.find(KIND.deployment, "ralph").inputs as { metadata: Pod };
      return allowed(policies, { from: { ...metadata, ip: "10.244.1.7" }, to: ip, port });
    };
    const url = (port: number) => ({
      git: { ...OWN, remote: `ssh://git@github.com:${port}/o/r.git`, knownHosts: `*${KEY}` },
    });
    const table: [verdict: "open" | "closed", what: string, config: StackConfig, ip: string, port: number][] =
      [
        ["open", "SSH on the internet", { git: OWN }, "140.82.112.3", 22],
        ["open", "SSH on the internet, by IPv6", { git: OWN }, "2606:50c0::1", 22],
        ["closed", "another port", { git: OWN }, "140.82.112.3", 2222],
        ["closed", "SSH to a private address", { git: OWN }, "10.0.0.1", 22],
        ["closed", "SSH to the metadata server", { git: OWN }, "169.254.169.254", 22],
        [
          "closed",
          "SSH to what is denied",
          { git: OWN, networkPolicy: { deny: ["140.82.112.0/24"] } },
          "140.82.112.3",
          22,
        ],
        ["open", "the port that the address names", url(2222), "140.82.112.3", 2222],
        ["closed", "SSH's own beside it", url(2222), "140.82.112.3", 22],
        ["open", "HTTPS beside it", url(2222), "160.79.104.10", 443],
        ["open", "SSH on the port of HTTPS", url(443), "140.82.112.3", 443],
      ];
    for (const [verdict, what, config, ip, port] of table) {
      it(`${verdict}: ${what}`, async () =>
        assert.equal(await reaches(config, ip, port), verdict === "open"));
    }

    it("by one more port in the existing rule, without duplicates", async () => {
      const ports = async (config: StackConfig): Promise<unknown> =>
        (await changed(config)).find(KIND.networkPolicy, "ralph-network-policy").inputs.spec.egress[1].ports;
      const tcp = (port: number) => ({ protocol: "TCP", port });
      assert.deepEqual(await ports({ git: OWN }), [tcp(443), tcp(22)]);
      assert.deepEqual(await ports(url(443)), [tcp(443)]);
    });
  });
});
