/**
 * Proves on the real engine that a login at the cloud is enough to push the image to the cluster's own registry: on the
 * first `up`, on a later one whose passwords have expired, on an idle one not even that login is needed. The registries
 * are stand-ins that let in only passwords which the cloud's program has printed, and the plugin reads Docker's logins
 * when it is configured, as the real one does. No password is in the state, the events or the output.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { changes } from "./support/events";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { AKS, type CloudStack, EKS, GKE } from "./support/cloud-stacks";
import { type Outcome, Stack } from "./support/stack";

const IMAGE = "docker-build:index:Image";
const CLOUDS: Readonly<Record<string, CloudStack>> = { gke: GKE, eks: EKS, aks: AKS };

for (const [name, cloud] of Object.entries(CLOUDS)) {
  describe(`the registry of a cluster on ${name}`, () => {
    let stack: Stack;
    const stub = () => stack.clouds ?? assert.fail("no stub");
    const printed: string[] = [];
    const note = (outcome: Outcome): Outcome => {
      printed.push(outcome.stdout, outcome.stderr);
      return outcome;
    };
    /** The first run creates everything, later ones only the image: the rest has tests of its own. */
    const up = async (tag: string): Promise<Outcome> => {
      stack.configure({ image: { build: true, tag } });
      const target = `urn:pulumi:${stack.namespace}::ralph::${IMAGE}::image`;
      const dependencies = stack.resources.length === 0 ? [] : ["--target", target];
      return note(await stack.up(...dependencies));
    };

    before(async () => {
      await createCloudClasses();
      const { from, plugins, foreign, cluster } = cloud;
      stack = await Stack.create({ namespace: `login-${name}`, from, plugins, foreign });
      stack.configure({
        cluster: { ...(stack.configured("cluster") as object), deletionProtection: false, ...cluster },
        monitoring: { install: "none" },
      });
    });
    after(async () => {
      await stack.remove();
      await deleteCloudClasses();
    });

    it("gets the image from the first up, without any login of Docker's own", async () => {
      const { code, stdout, stderr } = await up("v1");
      assert.equal(code, 0, stdout + stderr);
    });

    it("gets it from a later up, when the first password has expired", async () => {
      stub().expirePasswords();
      const { code, stdout, stderr, operations } = await up("v2");
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(
        changes(operations).map(({ op, type }) => `${op} ${type}`),
        [`update ${IMAGE}`],
      );
    });

    it("names what to run if Docker cannot be logged in, and an up that pushes nothing succeeds", async () => {
      const file = join(stub().dir, "docker", "config.json");
      const before = readFileSync(file, "utf8");
      const [host = ""] = Object.keys((JSON.parse(before) as { auths: object }).auths);
      writeFileSync(file, JSON.stringify({ credHelpers: { [host]: "absent" } }));
      try {
        const refused = await up("v3");
        assert.notEqual(refused.code, 0);
        assert.match(
          refused.stdout,
          /warning: Docker has no login at the registry .*docker-credential-absent/,
        );
        assert.match(refused.stdout, /Unauthenticated request|401 Unauthorized|authentication required/);
        const idle = await up("v2");
        assert.equal(idle.code, 0, idle.stdout + idle.stderr);
      } finally {
        writeFileSync(file, before);
      }
    });

    it("leaves no password in the state, the events or the output", () => {
      const docker = readFileSync(join(stub().dir, "docker", "config.json"), "utf8");
      const { auths } = JSON.parse(docker) as { auths: Record<string, { auth: string }> };
      const passwords = Object.values(auths).map(({ auth }) => auth);
      assert.ok(passwords.length > 0);
      const program = /(gcloud|aws|az)-password-/;
      const texts = [readFileSync(stack.stateFile, "utf8"), ...printed].concat(
        stack.eventLogs.map((file) => readFileSync(file, "utf8")),
      );
      assert.match(Buffer.from(passwords[0] ?? "", "base64").toString(), program);
      for (const text of texts) {
        assert.doesNotMatch(text, program);
        for (const password of passwords) assert.ok(!text.includes(password));
      }
      assert.ok(!existsSync(join(stub().dir, "docker", "ralph-login.lock")));
    });
  });
}
