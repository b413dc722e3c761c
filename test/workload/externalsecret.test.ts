/**
 * Proves the ExternalSecrets as whole manifests; that pods take their keys from what these write; what is refused; and what
 * a preview says of objects that cannot exist before the stack's namespace. (The real controller:
 * test/nightly/external-secrets.test.ts.)
 */
import assert from "node:assert/strict";

import { runStack, type StackConfig } from "../support/stack";
import { changed, DEFAULT, KIND, manifest, podOf, unusual } from "../support/workload";
import { HOST_KEY, REMOTE } from "../support/git";

const TYPE = "kubernetes:external-secrets.io/v1:ExternalSecret";
const store = { name: "vault" };
const claude = { key: "ralph/claude", property: "apiKey" };
const FROM_STORE = { externalSecret: { store, keys: { claude } } };
const SSH = {
  remote: REMOTE,
  knownHosts: HOST_KEY,
  externalSecret: {
    store: { name: "team", kind: "SecretStore" },
    keys: { privateKey: { key: "ralph/git" } },
  },
};

const external = async (config: StackConfig, name: string) => (await changed(config)).find(TYPE, name).inputs;

describe("ExternalSecrets", () => {
  it("have the API keys, and are awaited before any pod", async () => {
    const run = await changed({ apiKeys: FROM_STORE });
    const { inputs, urn } = run.find(TYPE, "ralph-secrets-external");
    assert.deepEqual(
      inputs,
      manifest(`
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata:
          name: ralph-secrets-external
          namespace: ralph-orchestrator
          annotations:
            pulumi.com/waitFor: condition=Ready
            pulumi.com/deletionPropagationPolicy: background
          labels:
            app: ralph-orchestrator
            app.kubernetes.io/name: ralph-orchestrator
        spec:
          refreshInterval: 1h
          secretStoreRef: { name: vault, kind: ClusterSecretStore }
          target:
            name: ralph-secrets-external
            creationPolicy: Owner
            deletionPolicy: Retain
          data:
            - secretKey: CLAUDE_API_KEY
              remoteRef: { key: ralph/claude, property: apiKey }
      `),
    );
    assert.deepEqual(run.ofType(KIND.secret), []);
    const pods = [KIND.deployment, KIND.job, KIND.cronJob].flatMap((kind) => run.ofType(kind));
    assert.ok(pods.length >= 3);
    for (const each of pods) {
      assert.ok(each.dependencies.includes(urn), each.urn);
      const { containers, volumes } = podOf(each).spec;
      const text = JSON.stringify([containers, volumes]);
      assert.match(text, /"secretName":"ralph-secrets-external"/);
      assert.match(text, /"(secretRef|secretKeyRef)":\{[^}]*"name":"ralph-secrets-external"/);
      assert.doesNotMatch(text, /"ralph-secrets"/);
    }
  });

  it("have git's credentials beside what is no secret", async () => {
    const { spec } = await external({ git: SSH }, "ralph-git-external");
    assert.deepEqual(spec, {
      refreshInterval: "1h",
      secretStoreRef: { name: "team", kind: "SecretStore" },
      target: {
        name: "ralph-git-external",
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
        template: {
          engineVersion: "v2",
          type: "kubernetes.io/ssh-auth",
          mergePolicy: "Merge",
          data: { known_hosts: `${HOST_KEY}\n` },
        },
      },
      data: [{ secretKey: "ssh-privatekey", remoteRef: { key: "ralph/git" } }],
    });
    const app = await external(
      {
        git: {
          remote: "https://github.com/o/r.git",
          githubApp: { id: "Iv1" },
          externalSecret: { store, refreshInterval: "5m", keys: { githubAppKey: { key: "app" } } },
        },
      },
      "ralph-git-external",
    );
    assert.deepEqual(app.spec.data, [{ secretKey: "github-app.pem", remoteRef: { key: "app" } }]);
    assert.equal(app.spec.refreshInterval, "5m");
  });

  it("have the password of a registry, in the file that container runtimes read", async () => {
    const { spec } = await external(
      {
        imagePullSecrets: [
          {
            name: "regcred",
            server: "ghcr.io",
            username: "me",
            externalSecret: { store, keys: { password: { key: "ghcr" } } },
          },
        ],
      },
      "regcred",
    );
    assert.deepEqual(spec.data, [{ secretKey: "password", remoteRef: { key: "ghcr" } }]);
    assert.equal(spec.target.template.type, "kubernetes.io/dockerconfigjson");
    assert.equal(
      spec.target.template.data[".dockerconfigjson"],
      '{"auths":{"ghcr.io":{"username":"me","password":{{ .password | toJson }},"auth":{{ printf "%s:%s" "me" .password | b64enc | toJson }}}}}',
    );
  });

  it("restart the workers if a key is added, which their variables lack", async () => {
    const sum = async (keys: object) =>
      podOf((await changed({ apiKeys: { externalSecret: { store, keys } } })).find(KIND.deployment, "ralph"))
        .metadata.annotations["checksum/secrets"];
    assert.notEqual(await sum({ claude }), await sum({ claude, gemini: { key: "g" } }));
  });

  const REFUSED: [what: string, config: StackConfig, says: RegExp][] = [
    [
      "a key beside it",
      { apiKeys: { claude: "sk-1", ...FROM_STORE } },
      /ralph:apiKeys\.claude +must not be set: the Secret comes from the store vault/,
    ],
    [
      "another Secret beside it",
      { apiKeys: { existingSecret: "s", ...FROM_STORE } },
      /ralph:apiKeys\.existingSecret +must not be set: the Secret comes from the store vault/,
    ],
    [
      "no key",
      { apiKeys: { externalSecret: { store, keys: {} } } },
      /ralph:apiKeys\.externalSecret\.keys\.claude +is missing .*keys\.claude\.key <name in the store>/,
    ],
    [
      "no store",
      { apiKeys: { externalSecret: { keys: { claude } } } },
      /ralph:apiKeys\.externalSecret\.store/,
    ],
    [
      "a token beside it",
      { git: { ...SSH, token: "t" } },
      /ralph:git\.token +must not be set: the Secret comes from the store team/,
    ],
    [
      "no key for an address of SSH",
      { git: { ...SSH, externalSecret: { store, keys: { token: { key: "t" } } } } },
      /ralph:git\.externalSecret\.keys\.privateKey\.key +is missing: git\.remote cannot be pushed to without it/,
    ],
    [
      "credentials for no repository",
      { git: { externalSecret: SSH.externalSecret } },
      /ralph:git\.remote +is missing: git\.externalSecret is set/,
    ],
    [
      "a password beside it",
      {
        imagePullSecrets: [
          {
            name: "r",
            server: "ghcr.io",
            username: "me",
            password: "p",
            externalSecret: { store, keys: { password: claude } },
          },
        ],
      },
      /ralph:imagePullSecrets\[0\]\.password +must not be set: the Secret comes from the store vault/,
    ],
    [
      "no registry",
      { imagePullSecrets: [{ name: "r", externalSecret: { store, keys: { password: claude } } }] },
      /ralph:imagePullSecrets\[0\]\.server +is missing/,
    ],
  ];
  for (const [what, config, says] of REFUSED)
    it(`are refused with ${what}`, () => assert.rejects(changed(config), says));
});

describe("what pods wait for", () => {
  const warned = async (config: StackConfig, preview = true) =>
    unusual((await runStack({ config: { ...DEFAULT, apiKeys: {}, ...config }, preview })).warnings).filter(
      (text) => /cannot exist yet/.test(text),
    );

  it("is named by the preview that creates the namespace, with the command that ends the wait", async () => {
    assert.deepEqual(await warned({ apiKeys: { existingSecret: "from-vault" } }), [
      "The Secret from-vault (ralph:apiKeys.existingSecret) cannot exist yet, because this update creates its namespace. " +
        "The workers start without it, and pause until it exists. After `pulumi up`: " +
        "kubectl --namespace ralph-orchestrator create secret generic from-vault --from-file=CLAUDE_API_KEY=<file>",
    ]);
    assert.deepEqual(
      await warned({
        apiKeys: { existingSecret: "from-vault" },
        extraEnvFrom: [{ secretRef: { name: "more" } }, { secretRef: { name: "some", optional: true } }],
      }),
      ["apiKeys.existingSecret", "extraEnvFrom[0].secretRef"].map((key, i) => {
        const [name, file] = [
          ["from-vault", "--from-file=CLAUDE_API_KEY=<file>"],
          ["more", "--from-env-file=<file>"],
        ][i] as [string, string];
        return (
          `The Secret ${name} (ralph:${key}) cannot exist yet, because this update creates its namespace. ` +
          "Its pods wait for it, for ten minutes at most. While `pulumi up` runs, run this in another terminal: until " +
          `kubectl --namespace ralph-orchestrator create secret generic ${name} ${file}; do sleep 5; done`
        );
      }),
    );
    const others = await warned({
      apiKeys: { claude: "sk-1" },
      git: SSH,
      imagePullSecrets: [{ name: "regcred" }],
    });
    assert.deepEqual(
      others.map((text) => text.split(" cannot ")[0]),
      [
        "The Secret regcred (ralph:imagePullSecrets[0].name)",
        "The SecretStore team (ralph:git.externalSecret.store)",
      ],
    );
  });

  it("is nothing that can exist, and nothing in an update", async () => {
    assert.deepEqual(await warned({ apiKeys: FROM_STORE }), []); // the store is no object of the namespace
    assert.deepEqual(await warned({ apiKeys: { existingSecret: "from-vault" } }, false), []);
  });
});
