/** Runs the commands of a page as its user does. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { RunResult } from "../../../lib/process";
import type { VerifyReport } from "../../../operations/verify/report";
import { filled, type Line } from "../../support/page";
import { createCloudClasses, deleteCloudClasses } from "../support/cloud-classes";
import { everything, kubectl } from "../support/kubectl";
import { Newcomer } from "../support/newcomer";
import { SIMULATED } from "../support/verified";
import { ANSWERS, installs, linesOf, type Mutant, OTHERWISE, type Page, UP, VALUES } from "./cases";

const NAMESPACE = "ralph-orchestrator";

const outcomesOf = (report: string): Readonly<Record<string, string>> =>
  Object.fromEntries((JSON.parse(report) as VerifyReport).checks.map(({ name, outcome }) => [name, outcome]));

const VERIFIED = { ...SIMULATED, "vendor's program": "passed" };

/** Runs one command of a page as its user does. */
async function run(user: Newcomer, line: Line): Promise<RunResult> {
  if (installs(line)) {
    user.install();
    return { code: 0, stdout: "", stderr: "" };
  }
  const [, input] = ANSWERS.find(([command]) => command.test(line)) ?? [];
  const [, otherwise] = OTHERWISE.find(([command]) => command.test(line)) ?? [];
  return user.run(filled(otherwise?.(line) ?? line, VALUES), input);
}

async function succeed(user: Newcomer, line: Line): Promise<void> {
  const { code, stdout, stderr } = await run(user, line);
  assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
}

/** Defines a test: a page that loses a command fails at a later one, before it has created a cluster. */
export function failsWithout(page: Page, { without, fails, prints }: Mutant): void {
  it(`does not work without ${without.source}`, async () => {
    const lines = linesOf(page);
    const user = new Newcomer(
      `${page.cloud}-without-${page.mutants.findIndex((each) => each.without === without)}`,
      page.plugins,
    );
    try {
      const end = lines.findIndex((line) => fails.test(line) && !without.test(line));
      const before = lines
        .slice(0, end)
        .filter((line) => !without.test(line) && !UP.test(line) && !line.startsWith("./ralphctl preview"));
      for (const line of before) await succeed(user, line);
      const { code, stdout, stderr } = await run(user, lines[end] ?? assert.fail("no such command"));
      assert.notEqual(code, 0, stdout);
      assert.match(stdout + stderr, prints);
      assert.deepEqual(
        user.clouds.inventory().filter(({ token }) => /[Cc]luster:/.test(token)),
        [],
      );
    } finally {
      user.remove();
    }
  });
}

/** Defines tests: the page as printed brings the stack up, and deletes all of it. */
export function worksAsPrinted(page: Page): void {
  const { cloud, plugins } = page;
  const lines = linesOf(page);
  describe("as printed", () => {
    let user: Newcomer;
    before(async () => {
      await createCloudClasses();
      user = new Newcomer(`page-${cloud}`, plugins);
    });
    after(async () => {
      // Nothing, unless a test has failed.
      await kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found");
      user.remove();
      await deleteCloudClasses();
    });

    const destroyed = lines.findIndex((line) => line.includes("deletionProtection false"));

    it("brings the stack up, with the image in its registry", async () => {
      for (const line of lines.slice(0, destroyed)) {
        await succeed(user, line);
        // The chart is on the internet: monitoring.test.ts installs one.
        if (line.startsWith("pulumi stack init"))
          await succeed(user, "pulumi config set --path ralph:monitoring.install none");
      }
      assert.ok((await everything(NAMESPACE)).some(({ kind }) => kind === "Deployment"));
      const calls = user.clouds.ledger();
      assert.deepEqual(
        calls
          .filter(
            ({ plugin, method, preview }) =>
              plugin === "docker-build" && method === "Create" && preview !== true,
          )
          .map(({ outcome }) => outcome),
        ["ok"],
      );
      assert.ok(existsSync(join(user.home, ".docker", "config.json")));
    });

    it("is then found by `verify`, which skips what needs a container", async () => {
      const { code, stdout, stderr } = await user.run(`./ralphctl verify --stack ${cloud} --json`);
      assert.equal(code, 3, stdout + stderr); // simulated nodes
      assert.deepEqual(outcomesOf(stdout), VERIFIED);
    });

    it("deletes all of it, by `verify --after-destroy` too", async () => {
      for (const line of lines.slice(destroyed)) await succeed(user, line);
      const { code, stdout, stderr } = await user.run(
        `./ralphctl verify --stack ${cloud} --after-destroy --json`,
      );
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(outcomesOf(stdout), { state: "passed", inventory: "passed" });
      assert.deepEqual(user.clouds.inventory(), []);
      assert.deepEqual(await everything(NAMESPACE), []);
    });
  });
}
