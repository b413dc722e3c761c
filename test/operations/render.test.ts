/**
 * Proves `./ralphctl render` without a server: which file contains each object, that kubectl's YAML parser reads every
 * string back unchanged, that no file contains a secret, that only rendered files are touched, and that the command
 * needs no cluster and rejects an invalid configuration as the engine does. What a server does with the files is in
 * test/engine/render.test.ts.
 */
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import fc from "fast-check";
import { parse, stringify } from "yaml";

import { REPOSITORY } from "../../lib/repository";
import { ToolError } from "../../lib/errors";
import { run } from "../../lib/process";
import { MARK, renderFiles, toYaml } from "../../operations/render/files";
import { writeFolder } from "../../operations/render/folder";
import { workloadObjects } from "../../operations/render/objects";
import { publish } from "../../operations/render/publish";
import { PLACEHOLDER, readStackConfig } from "../../operations/render/stack-config";
import { BAD_CONFIGS, type BadConfig, SECRET_KEYS } from "../support/bad-configs";
import { EXPOSED } from "../support/bad-configs/exposed";
import { HOST_KEY, REMOTE } from "../support/git";
import { RALPHCTL } from "../support/ralphctl";

const SECRET = { secure: "v1:abc:def" };
/** Creates an object of every kind; the kubeconfig does not exist. */
const CONFIG = {
  "ralph:cloud": "existing",
  "ralph:cluster": { kubeconfig: "/no/such/file", storageClass: { rwo: "standard", rwx: "standard-rwx" } },
  "ralph:apiKeys": { claude: SECRET, q: SECRET },
  "ralph:imagePullSecrets": [{ name: "regcred", server: "ghcr.io", username: "bot", password: SECRET }],
  "ralph:git": { remote: REMOTE, privateKey: SECRET, knownHosts: HOST_KEY },
  "ralph:ingress": { enabled: true, hosts: [{ host: "ralph.example.com" }] },
  "ralph:argocd": { enabled: true, repoURL: "https://example.com/manifests.git" },
} as const;

describe("./ralphctl render", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "ralph-render-"))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const stackFile = (config: object): string => {
    const file = join(dir, "Pulumi.test.yaml");
    writeFileSync(file, stringify({ config: { ...CONFIG, ...config } }));
    return file;
  };
  const render = async (config: object = {}): Promise<Map<string, string>> => {
    const objects = await workloadObjects("test", readStackConfig(stackFile(config)));
    return renderFiles(publish(objects), { stack: "test", folder: "k8s" });
  };
  const command = (...args: string[]) =>
    run(process.execPath, [...RALPHCTL, "render", ...args], {
      cwd: REPOSITORY,
    });

  it("takes a key without a value for one that is not set, as the engine does", () => {
    const { values } = readStackConfig(stackFile({ "ralph:namespace": null, "ralph:config": null }));
    assert.deepEqual([values["ralph:namespace"], values["ralph:config"]], ["", ""]);
  });

  it("writes each object to a file of its own, numbered as in the guide, and no Secret", async () => {
    const files = await render();
    const kinds = [...files].flatMap(([path, text]) =>
      path.endsWith(".yaml") ? [[path, (parse(text) as { kind: string }).kind]] : [],
    );
    assert.deepEqual(Object.fromEntries(kinds), {
      "00-namespace.yaml": "Namespace",
      "01-configmap-prompts.yaml": "ConfigMap",
      "01-configmap.yaml": "ConfigMap",
      "03-pvc-ralph-cache.yaml": "PersistentVolumeClaim",
      "03-pvc-ralph-workspace.yaml": "PersistentVolumeClaim",
      "04-deployment.yaml": "Deployment",
      "05-service-status.yaml": "Service",
      "05-service.yaml": "Service",
      "06-servicemonitor.yaml": "ServiceMonitor",
      "07-job-ralph-task.yaml": "Job",
      "08-hpa.yaml": "HorizontalPodAutoscaler",
      "09-cronjob-ralph-daily.yaml": "CronJob",
      "10-rbac-role.yaml": "Role",
      "10-rbac-rolebinding.yaml": "RoleBinding",
      "10-rbac-serviceaccount.yaml": "ServiceAccount",
      "11-networkpolicy.yaml": "NetworkPolicy",
      "12-prometheus-config.yaml": "ConfigMap",
      "13-ingress.yaml": "Ingress",
      "14-pdb.yaml": "PodDisruptionBudget",
      "15-limitrange-ralph-limits.yaml": "LimitRange",
      "15-prometheusrule.yaml": "PrometheusRule",
      "15-resourcequota-ralph-quota.yaml": "ResourceQuota",
      "16-grafana-dashboard.yaml": "ConfigMap",
      "argocd/argocd-app.yaml": "Application",
    });
    assert.equal(kinds.length, files.size - 1, "beside the objects there is README.md");
  });

  it("gives the login's objects files of their own, beside the workers'", async () => {
    const login = {
      enabled: true,
      issuer: "https://login.example.com",
      clientId: "ralph",
      clientSecret: SECRET,
    };
    const config = { "ralph:login": { ...login, emailDomains: ["example.com"] } };
    const objects = publish(await workloadObjects("test", readStackConfig(stackFile(config)))).objects;
    assert.equal((await render(config)).size, objects.length + 1);
    assert.ok(objects.some(({ metadata }) => metadata.name === "ralph-login"));
  });

  it("gives kinds that the guide does not have a file as well", () => {
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "mine" } };
    const files = renderFiles({ objects: [quota], secrets: [] }, { stack: "test", folder: "k8s" });
    assert.deepEqual(parse(files.get("15-resourcequota-mine.yaml") ?? ""), quota);
  });

  it("names the access to models that the cloud must grant", async () => {
    const line = /^- access to the models at the cloud/m;
    const models = { claude: { via: "bedrock", region: "eu-west-1", model: "anthropic.claude-x" } };
    assert.doesNotMatch((await render()).get("README.md") ?? "", line);
    assert.match((await render({ "ralph:models": models })).get("README.md") ?? "", line);
  });

  it("explains how to create the Secrets, what to apply, and what must exist", async () => {
    const readme = (await render()).get("README.md") ?? "";
    for (const line of [
      'kubectl create secret generic ralph-secrets -n ralph-orchestrator --from-literal=CLAUDE_API_KEY="$CLAUDE_API_KEY" --from-literal=Q_API_KEY="$Q_API_KEY"',
      "kubectl create secret docker-registry regcred -n ralph-orchestrator --docker-server=... --docker-username=... --docker-password=...",
      "kubectl create secret generic ralph-git -n ralph-orchestrator --type=kubernetes.io/ssh-auth --from-file=known_hosts=... --from-file=ssh-privatekey=...",
      "kubectl apply -f k8s/",
      "kubectl apply -f k8s/argocd",
      "- the storage class `standard-rwx`, for ralph-cache",
      "- the namespace `monitoring`, for ConfigMap prometheus-config",
      "- the kind `PrometheusRule` of `monitoring.coreos.com/v1`",
      "- the kind `ServiceMonitor` of `monitoring.coreos.com/v1`",
    ]) {
      assert.ok(readme.split("\n").includes(line), `${line}\nis not in\n${readme}`);
    }
  });

  it("lists a Secret without keys", async () => {
    const files = await render({ "ralph:apiKeys": undefined });
    assert.match(files.get("README.md") ?? "", /kubectl create secret generic ralph-secrets -n \S+\n/);
  });

  it("writes strings that YAML 1.1 and 1.2 read back unchanged", () => {
    const odd = [
      "on",
      "y",
      "No",
      "12:30",
      "1_000",
      "0o17",
      "0x1f",
      "1e3",
      "~",
      "2001-01-01",
      "<<",
      "=",
      "\t",
      "a\n",
      "",
    ];
    const text = fc.oneof(fc.constantFrom(...odd), fc.string({ unit: "binary" }), fc.string());
    fc.assert(
      fc.property(
        fc.dictionary(
          text.filter((key) => key !== "__proto__"),
          text,
          { noNullPrototype: true },
        ),
        (data) => {
          const yaml = toYaml({ data });
          for (const version of ["1.1", "1.2"] as const) assert.deepEqual(parse(yaml, { version }), { data });
        },
      ),
    );
  });

  it("leaves no trace of secrets, their checksum or Pulumi in any file", async () => {
    const text = [...(await render()).values()].join("\n");
    for (const trace of [
      PLACEHOLDER,
      SECRET.secure,
      "checksum/secrets:",
      "pulumi.com/",
      "ralph-orchestrator/size",
    ]) {
      assert.ok(!text.includes(trace), `${trace} is in a file`);
    }
    assert.match(text, /checksum\/config: [0-9a-f]{64}/, "the other checksum is kept");
  });

  it("refuses to write a secret of the stack into an object other than a Secret", async () => {
    await assert.rejects(
      render({ "ralph:imagePullSecrets": [{ name: SECRET }] }),
      (error: Error) =>
        error instanceof ToolError &&
        /^\w+ [\w-]+ would contain a secret of the stack, at .*imagePullSecrets\.0\.name;/.test(
          error.message,
        ),
    );
    const marked = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: { key: "x" },
    };
    const leak = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "leak" }, data: marked };
    assert.throws(() => publish([leak]), /ConfigMap leak would contain a secret of the stack, at data;/);
  });

  it("rejects an invalid configuration with the report that the engine would print", async () => {
    const config = readStackConfig(stackFile({ "ralph:presistence": {}, "ralph:replicaCount": -1 }));
    await assert.rejects(
      workloadObjects("test", config),
      (error: Error) =>
        RunError.isInstance(error) && /^2 problems .* stack test;[^]*presistence/.test(error.message),
    );
  });

  // Those of a kubeconfig need its file, and a secret in a table is plain text in a file.
  const needsEngine = ({ config, secretKeys, expected }: BadConfig): boolean =>
    secretKeys !== undefined ||
    SECRET_KEYS.some((key) => key in config) ||
    expected.some(({ key }) => key.startsWith("ralph:cluster."));
  for (const bad of [...BAD_CONFIGS, ...EXPOSED].filter(
    (each) => each.valuesFile === undefined && !needsEngine(each),
  ))
    it(`rejects, as the engine does: ${bad.name}`, async () => {
      const values = Object.entries(bad.config).map(([key, value]) => [
        key.includes(":") ? key : `ralph:${key}`,
        value,
      ]);
      const file = join(dir, "Pulumi.test.yaml");
      writeFileSync(file, stringify({ config: Object.fromEntries(values) }));
      await assert.rejects(workloadObjects("test", readStackConfig(file)), (error) => {
        assert.ok(RunError.isInstance(error));
        const keys = error.message.split("\n").flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []);
        assert.deepEqual(keys.sort(), bad.expected.map(({ key }) => key).sort(), error.message);
        return true;
      });
    });

  it("removes what is no longer rendered, and touches nothing else", () => {
    mkdirSync(join(dir, "argocd"));
    writeFileSync(join(dir, "own.yaml"), "kind: List\n");
    const file = (text: string): string => `# ${MARK} from the stack test\n${text}`;
    const first = new Map([
      ["00-namespace.yaml", file("a")],
      ["argocd/argocd-app.yaml", file("b")],
    ]);
    assert.deepEqual(writeFolder(dir, first), []);
    assert.deepEqual(writeFolder(dir, first), []);
    assert.deepEqual(writeFolder(dir, new Map([["00-namespace.yaml", file("c")]])), [
      "argocd/argocd-app.yaml",
    ]);
    assert.deepEqual(readdirSync(dir).sort(), ["00-namespace.yaml", "own.yaml"]);
    assert.equal(readFileSync(join(dir, "00-namespace.yaml"), "utf8"), file("c"));
    assert.equal(readFileSync(join(dir, "own.yaml"), "utf8"), "kind: List\n");
  });

  it("writes nothing through a link, also one that leads nowhere", () => {
    const files = new Map([["00-namespace.yaml", `# ${MARK}\n`]]);
    symlinkSync(join(dir, "none", "x"), join(dir, "00-namespace.yaml"));
    symlinkSync(join(dir, "none"), join(dir, "other"));
    assert.throws(
      () => writeFolder(dir, files),
      /would be overwritten: 00-namespace.yaml; nothing was written/,
    );
    assert.throws(() => writeFolder(join(dir, "other"), files), /other is not a folder; nothing was written/);
  });

  it("writes nothing if it would overwrite a file that was not rendered", () => {
    writeFileSync(join(dir, "04-deployment.yaml"), "kind: Deployment\n");
    const files = new Map(["00-namespace.yaml", "04-deployment.yaml"].map((path) => [path, `# ${MARK}\n`]));
    assert.throws(
      () => writeFolder(dir, files),
      /not rendered and would be overwritten: 04-deployment.yaml; nothing was written/,
    );
    assert.deepEqual(readdirSync(dir), ["04-deployment.yaml"]);
    assert.throws(
      () => writeFolder(join(dir, "04-deployment.yaml"), files),
      /is not a folder; nothing was written/,
    );
  });

  it("is a command that needs no cluster, prints the same twice, and fails without a stack trace", async () => {
    const out = join(dir, "k8s");
    const good = stackFile({});
    const first = await command("--stack", "test", "--config-file", good, "--out", out);
    assert.equal(first.code, 0, first.stderr);
    const written = (): string[] =>
      readdirSync(out).map((name) => (name === "argocd" ? name : readFileSync(join(out, name), "utf8")));
    const before = written();
    assert.deepEqual(await command("--stack", "test", "--config-file", good, "--out", out), first);
    assert.deepEqual(written(), before);

    const bad = await command(
      "--stack",
      "test",
      "--config-file",
      stackFile({ "ralph:replicas": 1 }),
      "--out",
      out,
    );
    assert.equal(bad.code, 1);
    assert.match(
      bad.stderr,
      /^error: 1 problem in the configuration of stack test; nothing was changed\.\n {2}ralph:replicas .*\n$/,
    );
    const missing = await command("--stack", "nowhere", "--out", out);
    assert.deepEqual([missing.code, missing.stderr.split(":")[0]], [1, "error"]);
    assert.match(missing.stderr, /Pulumi\.nowhere\.yaml does not exist; stacks in this folder: .*local/);
    assert.deepEqual(written(), before);
  });
});
