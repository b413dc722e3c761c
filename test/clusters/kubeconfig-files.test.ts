/**
 * Proves that a kubeconfig is found as kubectl finds it, by the rules of client-go
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files): which
 * files count, which entry of several, what its paths are relative to, and the service account of a pod; that nothing of
 * another context is kept; and what is reported without a usable one. `test/engine/kubeconfig.test.ts` compares it with
 * kubectl.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { findContext, KubeconfigError } from "../../clusters/kubeconfig-files";
import { KUBECONFIG } from "../support/base";
import { environment } from "../support/environment";

const text = readFileSync(KUBECONFIG, "utf8");
const edited = (edit: (config: Record<string, unknown>) => void): string => {
  const config = parse(text) as Record<string, unknown>;
  edit(config);
  return stringify(config);
};

describe("a kubeconfig", () => {
  const restore = environment();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ralph-kubeconfig-"));
    process.env.HOME = folder;
    for (const name of ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"])
      Reflect.deleteProperty(process.env, name);
  });
  afterEach(() => {
    restore();
    rmSync(folder, { recursive: true });
  });

  const written = (content: string | object, name = "config"): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };
  const chosen = (content: string, context?: string) =>
    findContext({ kubeconfig: written(content), ...(context === undefined ? {} : { context }) });
  /** The one cluster and the one user of what was found. */
  const found = (context?: string) => {
    const { kubeconfig } = findContext(context === undefined ? {} : { context });
    const { clusters, users } = JSON.parse(kubeconfig) as {
      clusters: [{ cluster: object }];
      users: [{ user: object }];
    };
    return { cluster: clusters[0].cluster, user: users[0].user };
  };
  const part = (name: string, cluster: object, user: object = {}) => ({
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user }],
  });

  it("is one context, without the others, its files relative to its own folder", () => {
    const { name, server, kubeconfig } = chosen(text);
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
            "certificate-authority": join(folder, "pki/ca.crt"),
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

  it("is the configured context, without the credentials of the current one", () => {
    const { server, kubeconfig } = chosen(text, "other");
    assert.equal(server, "https://other.example.com:6443");
    assert.match(kubeconfig, /canary-token-of-another-cluster/);
    assert.doesNotMatch(kubeconfig, /get-token|test\.example\.com/);
    assert.doesNotMatch(chosen(text).kubeconfig, /canary|other/);
  });

  it("merges the files of $KUBECONFIG: the first one that sets something wins", () => {
    const first = written({ ...part("a", { server: "https://first" }), clusters: null }, "1");
    const second = written(
      {
        "current-context": "a",
        clusters: [{ name: "a", cluster: { server: "https://second", "proxy-url": "http://proxy:3128" } }],
        users: [{ name: "a", user: { token: "of the second" } }],
      },
      "2",
    );
    const third = written(
      {
        "current-context": "b",
        ...part("b", { server: "https://b" }, { token: "b" }),
        clusters: [
          { name: "b", cluster: { server: "https://b" } },
          { name: "a", cluster: { server: "https://third", "tls-server-name": "third" } },
        ],
      },
      "3",
    );
    const join_ = (...files: string[]) => (process.env.KUBECONFIG = files.join(delimiter));
    // Empty and missing ones, and one that is listed twice, do not count.
    join_("", first, join(folder, "missing"), second, third, first);
    assert.deepEqual(found(), {
      cluster: { server: "https://second", "proxy-url": "http://proxy:3128" },
      user: {},
    });
    assert.deepEqual(found("b"), { cluster: { server: "https://b" }, user: { token: "b" } });
    join_(third, second, first);
    assert.deepEqual(found(), { cluster: { server: "https://b" }, user: { token: "b" } });
    assert.deepEqual(found("a"), {
      cluster: { server: "https://third", "tls-server-name": "third" },
      user: { token: "of the second" },
    });
  });

  it("resolves every path in a file against the folder of that file", () => {
    const user = {
      "client-certificate": "me.crt",
      "client-key": "/etc/me.key",
      tokenFile: "../token",
      exec: { command: "./bin/get-token", args: ["./not-a-path"] },
    };
    const first = written(
      part("a", { server: "https://a", "certificate-authority": "pki/ca.crt" }, user),
      "x/1",
    );
    const second = written(part("b", { server: "https://b" }, { exec: { command: "get-token" } }), "y/2");
    process.env.KUBECONFIG = [first, second].join(delimiter);
    assert.deepEqual(found("a"), {
      cluster: { server: "https://a", "certificate-authority": join(folder, "x/pki/ca.crt") },
      user: {
        "client-certificate": join(folder, "x/me.crt"),
        "client-key": "/etc/me.key",
        tokenFile: join(folder, "token"),
        exec: { command: join(folder, "x/bin/get-token"), args: ["./not-a-path"] },
      },
    });
    assert.deepEqual(found("b").user, { exec: { command: "get-token" } });
  });

  it("is ~/.kube/config if nothing is set", () => {
    written(
      edited((config) => (config["current-context"] = "other")),
      ".kube/config",
    );
    assert.equal(findContext({}).server, "https://other.example.com:6443");
    process.env.KUBECONFIG = "";
    assert.equal(findContext({}).name, "other");
  });

  describe("in a pod", () => {
    const pod = (host: string, port = "443"): void => {
      process.env.KUBERNETES_SERVICE_HOST = host;
      process.env.KUBERNETES_SERVICE_PORT = port;
      written("token", "sa/token");
      written("ralph-system", "sa/namespace");
    };
    const account = () => join(folder, "sa");

    it("is that of its service account", () => {
      pod("10.96.0.1");
      const { name, server, kubeconfig } = findContext({}, account());
      assert.deepEqual([name, server], ["in-cluster", "https://10.96.0.1:443"]);
      const { contexts, clusters, users } = JSON.parse(kubeconfig) as Record<string, unknown>;
      assert.deepEqual(
        { contexts, clusters, users },
        {
          contexts: [{ name, context: { cluster: name, user: name, namespace: "ralph-system" } }],
          clusters: [{ name, cluster: { server, "certificate-authority": join(account(), "ca.crt") } }],
          users: [{ name, user: { tokenFile: join(account(), "token") } }],
        },
      );
      pod("fd00::1", "6443");
      assert.equal(findContext({}, account()).server, "https://[fd00::1]:6443");
    });

    it("is still a file if there is one, and is never one of its contexts", () => {
      pod("10.96.0.1");
      const context = (name?: string) =>
        findContext(name === undefined ? {} : { context: name }, account()).name;
      assert.throws(() => context("prod"), /\$KUBECONFIG is not set/);
      written(text, ".kube/config");
      assert.equal(context(), "ralph-test");
    });

    it("is none without a token", () => {
      pod("10.96.0.1");
      assert.throws(() => findContext({}, folder), /\$KUBECONFIG is not set/);
    });
  });

  type Refused = readonly [what: string, about: string, message: string, text: string, wanted?: string];
  const REFUSED: readonly Refused[] = [
    [
      "no current context",
      "context",
      "FILE has no current context",
      edited((c) => delete c["current-context"]),
    ],
    [
      "an empty current context",
      "context",
      "FILE has no current context",
      edited((c) => (c["current-context"] = "")),
    ],
    [
      "no such context",
      "context",
      'FILE has no context "prod"; it has ralph-test, other, without-cluster, without-user',
      text,
      "prod",
    ],
    [
      "no context at all",
      "context",
      'FILE has no context "ralph-test"; it has none',
      edited((c) => (c.contexts = [])),
    ],
    ["a missing cluster", "kubeconfig", 'FILE has no cluster "nowhere"', text, "without-cluster"],
    ["a missing user", "kubeconfig", 'FILE has no user "nobody"', text, "without-user"],
    [
      "a cluster without an address",
      "kubeconfig",
      'FILE has no address of the cluster "test-cluster"',
      edited((c) => (c.clusters = [{ name: "test-cluster", cluster: {} }])),
    ],
    ["another kind", "kubeconfig", "FILE is not a kubeconfig", "kind: Pod"],
    ["another file", "kubeconfig", "FILE is not a kubeconfig", "{name: ralph}"],
    ["a list", "kubeconfig", "FILE is not a kubeconfig", "[]"],
    ["an empty file", "context", "FILE has no current context", ""],
    ["invalid YAML", "kubeconfig", "FILE is not valid YAML", "contexts: ["],
  ];
  for (const [what, about, message, content, wanted] of REFUSED) {
    it(`is rejected: ${what}`, () =>
      assert.throws(
        () => chosen(content, wanted),
        (error) =>
          error instanceof KubeconfigError &&
          error.about === about &&
          error.message === message.replace("FILE", join(folder, "config")),
      ));
  }

  it("is rejected by the file that is wrong, or by where none was found", () => {
    const rejected = (message: string, kubeconfig?: string) =>
      assert.throws(
        () => findContext(kubeconfig === undefined ? {} : { kubeconfig }),
        (error: Error) => error instanceof KubeconfigError && error.message === message,
      );
    rejected("$KUBECONFIG is not set, and ~/.kube/config does not exist");
    rejected("~/none cannot be read: ENOENT", "~/none");
    rejected(`${folder} cannot be read: EISDIR`, folder);
    const missing = ["/none/1", "/none/2"].join(delimiter);
    process.env.KUBECONFIG = missing;
    rejected(`no file in $KUBECONFIG exists: ${missing}`);
    const [good, broken] = [written(text), written("users: {", "broken")];
    process.env.KUBECONFIG = [good, broken].join(delimiter);
    rejected(`${broken} is not valid YAML`);
    const half = written("{}", "half");
    process.env.KUBECONFIG = [half, written("{clusters: [{name: a}]}", "other")].join(delimiter);
    rejected(`${process.env.KUBECONFIG} has no current context`);
  });

  it("is rejected without showing the content of the file", () => {
    const broken = edited((config) => (config.contexts = "canary"));
    assert.throws(
      () => chosen(broken),
      (error) => !String(error).includes("canary"),
    );
  });
});
