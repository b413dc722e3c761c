/** Proves which context is selected, that nothing of another context is kept, and what is reported without one. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { type Context, KubeconfigError, selectContext } from "../../clusters/kubeconfig";
import { KUBECONFIG } from "../support/base";

const text = readFileSync(KUBECONFIG, "utf8");
const select = (wanted?: string, from = text): Context => selectContext(from, "/home/me/.kube", wanted);
const edited = (edit: (config: Record<string, unknown>) => void): string => {
  const config = parse(text) as Record<string, unknown>;
  edit(config);
  return stringify(config);
};

describe("a context of a kubeconfig", () => {
  it("is the current one, without the others, its files relative to the kubeconfig's folder", () => {
    const { name, server, kubeconfig } = select();
    assert.deepEqual([name, server], ["ralph-test", "https://test.example.com:6443"]);
    assert.deepEqual(JSON.parse(kubeconfig), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "ralph-test",
      contexts: [{ name: "ralph-test", context: { cluster: "test-cluster", user: "test-user" } }],
      clusters: [
        {
          name: "test-cluster",
          cluster: {
            server: "https://test.example.com:6443",
            "certificate-authority": "/home/me/.kube/pki/ca.crt",
          },
        },
      ],
      users: [
        {
          name: "test-user",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1",
              command: "get-token",
              interactiveMode: "Never",
            },
          },
        },
      ],
    });
  });

  it("is the configured one, without the credentials of the current one", () => {
    const { server, kubeconfig } = select("other");
    assert.equal(server, "https://other.example.com:6443");
    assert.match(kubeconfig, /canary-token-of-another-cluster/);
    assert.doesNotMatch(kubeconfig, /get-token|test\.example\.com/);
    assert.doesNotMatch(select().kubeconfig, /canary|other/);
  });

  it("keeps absolute paths, and resolves every key that names a file", () => {
    const files = edited((config) => {
      config.users = [
        {
          name: "test-user",
          user: { "client-certificate": "me.crt", "client-key": "/etc/me.key", tokenFile: "../token" },
        },
      ];
    });
    const [{ user }] = (JSON.parse(select(undefined, files).kubeconfig) as { users: [{ user: unknown }] })
      .users;
    assert.deepEqual(user, {
      "client-certificate": "/home/me/.kube/me.crt",
      "client-key": "/etc/me.key",
      tokenFile: "/home/me/token",
    });
  });

  const refused: [what: string, about: string, message: RegExp, text: string, wanted?: string][] = [
    ["no current context", "context", /^has no current context$/, edited((c) => delete c["current-context"])],
    ["an empty current context", "context", /no current/, edited((c) => (c["current-context"] = ""))],
    ["no such context", "context", /^has no context "prod"; it has ralph-test, other, .*$/, text, "prod"],
    ["no context at all", "context", /it has none$/, edited((c) => (c.contexts = []))],
    ["a cluster that is gone", "kubeconfig", /^has no cluster "nowhere"$/, text, "without-cluster"],
    ["a missing user", "kubeconfig", /^has no user "nobody"$/, text, "without-user"],
    [
      "a cluster without an address",
      "kubeconfig",
      /^is not a kubeconfig$/,
      edited((c) => (c.clusters = [{ name: "a", cluster: {} }])),
    ],
    ["something else", "kubeconfig", /^is not a kubeconfig$/, "kind: Pod"],
    ["nothing", "kubeconfig", /^is not a kubeconfig$/, ""],
    ["invalid YAML", "kubeconfig", /^is not valid YAML$/, "contexts: ["],
  ];
  for (const [what, about, message, from, wanted] of refused) {
    it(`is rejected: ${what}`, () => {
      assert.throws(
        () => select(wanted, from),
        (error) => error instanceof KubeconfigError && error.about === about && message.test(error.message),
      );
    });
  }

  it("is rejected without showing the content of the file", () => {
    const broken = edited((config) => delete config.contexts);
    assert.throws(
      () => select(undefined, broken),
      (error) => !String(error).includes("canary"),
    );
  });
});
