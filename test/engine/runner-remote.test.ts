/**
 * A stack with a git remote, on the real engine and API server: the key, set with the command in the documents and
 * the errors, arrives as a file and is nowhere else; a second `up` changes nothing; another key rolls only the
 * worker; without the remote everything is as before. (What the pods do with it: runner-push.test.ts.)
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";
import { HOST_KEY, KEY_CANARY, PRIVATE_KEY, REMOTE } from "../support/git";
import { touched } from "./support/events";
import { filesUnder } from "./support/files";
import { fixture } from "./support/fixture";
import { everything, get } from "./support/kubectl";
import { type Outcome, Stack } from "./support/stack";

const NAMESPACE = "remote";

describe("a stack with a git remote", () => {
  let stack: Stack;
  let printed = "";

  before(async () => {
    stack = await Stack.create({ namespace: NAMESPACE });
    await up();
  });
  after(() => stack.remove());

  async function up(): Promise<Outcome> {
    const outcome = await stack.up("--diff");
    assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
    printed += outcome.stdout + outcome.stderr;
    return outcome;
  }
  /** `pulumi config set ... < file`. */
  const setFrom = (text: string, ...args: string[]): void => {
    const { pulumi } = fixture().toolchain.paths;
    execFileSync(pulumi, ["config", "set", ...args], { cwd: REPOSITORY, env: stack.env, input: text });
  };
  const data = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(
        ((await get("secret", "ralph-git", NAMESPACE))?.data ?? {}) as Record<string, string>,
      ).map(([name, text]) => [name, Buffer.from(text, "base64").toString()]),
    );

  it("is refused with the settings that it also needs, and the commands for them", async () => {
    await stack.configuredAs({ git: { remote: REMOTE } }, async () => {
      const { code, stdout } = await stack.up();
      assert.notEqual(code, 0);
      assert.match(
        stdout,
        /ralph:git\.privateKey .* pulumi config set --secret --path ralph:git\.privateKey < <file>/,
      );
      assert.match(stdout, /ralph:git\.knownHosts .* ralph:git\.knownHosts "\$\(ssh-keyscan github\.com\)"/);
    });
  });

  it("has the key unchanged in a Secret, mounted in the container git only, for root and its group", async () => {
    setFrom(`${REMOTE}\n`, "--path", "ralph:git.remote");
    setFrom(PRIVATE_KEY, "--secret", "--path", "ralph:git.privateKey");
    setFrom(`${HOST_KEY}\n`, "--path", "ralph:git.knownHosts");
    assert.deepEqual(touched((await up()).operations), [
      "create Secret ralph-git",
      "update ConfigMap ralph-config",
      "update CronJob ralph-schedule-ralph-daily",
      "update Deployment ralph",
      "update NetworkPolicy ralph-network-policy",
      "update ResourceQuota ralph-quota",
    ]);
    assert.deepEqual(await data(), { "ssh-privatekey": PRIVATE_KEY, known_hosts: `${HOST_KEY}\n` });
    const { spec } = (await get("deployment", "ralph-orchestrator", NAMESPACE)) ?? assert.fail();
    const { volumes, containers, initContainers } = spec.template.spec as Record<
      string,
      { name: string; volumeMounts: { name: string }[] }[]
    >;
    assert.deepEqual(
      volumes?.find(({ name }) => name === "git"),
      { name: "git", secret: { secretName: "ralph-git", defaultMode: 0o440 } },
    );
    const holders = [...(containers ?? []), ...(initContainers ?? [])].filter(({ volumeMounts }) =>
      volumeMounts.some(({ name }) => name === "git"),
    );
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["git"],
    );
  });

  it("changes nothing the second time", async () => assert.deepEqual(touched((await up()).operations), []));

  it("rolls only the worker if the key changes", async () => {
    setFrom(PRIVATE_KEY.replace("That", "Which"), "--secret", "--path", "ralph:git.privateKey");
    assert.deepEqual(touched((await up()).operations), [
      "update Deployment ralph",
      "update Secret ralph-git",
    ]);
    assert.match((await data())["ssh-privatekey"] ?? "", /KeyWhichPushes/);
    setFrom(PRIVATE_KEY, "--secret", "--path", "ralph:git.privateKey");
    await up();
  });

  it("has the key in no output, no file of the backend and no other object", async () => {
    printed += await stack.pulumi(["config"]);
    printed += await stack.pulumi(["stack", "export"]);
    assert.ok(!printed.includes(KEY_CANARY));
    const files = filesUnder(join(stack.dir, "state"));
    assert.ok(files.includes(stack.stateFile));
    for (const file of files) assert.ok(!readFileSync(file, "utf8").includes(KEY_CANARY), file);
    const has = (text: string): boolean =>
      text.includes(KEY_CANARY) || text.includes(Buffer.from(PRIVATE_KEY).toString("base64"));
    const holders = (await everything(NAMESPACE)).filter((object) => has(JSON.stringify(object)));
    assert.deepEqual(
      holders.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ["Secret ralph-git"],
    );
  });

  it("is as before once the remote is removed", async () => {
    stack.configure({ git: undefined });
    assert.deepEqual(touched((await up()).operations), [
      "delete Secret ralph-git",
      "update ConfigMap ralph-config",
      "update CronJob ralph-schedule-ralph-daily",
      "update Deployment ralph",
      "update NetworkPolicy ralph-network-policy",
      "update ResourceQuota ralph-quota",
    ]);
    assert.equal(await get("secret", "ralph-git", NAMESPACE), undefined);
  });
});
