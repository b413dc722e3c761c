/**
 * Proves that the page of each cloud works as printed: every command of its blocks, in their order, by a user with a new
 * home folder and a clone, on stand-ins for the cloud that know no login unless the page makes one. The stack comes up,
 * the image is in its registry, and what the page deletes leaves nothing behind. Each command of the page is needed: without
 * it a later one fails. Commands that no stand-in runs are listed with the reason.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { RunResult } from "../../lib/process";
import type { VerifyReport } from "../../operations/verify/report";
import type { StubName } from "../../stub-clouds/types";
import { createCloudClasses, deleteCloudClasses } from "./support/cloud-classes";
import { everything, kubectl } from "./support/kubectl";
import { Newcomer } from "./support/newcomer";
import { SIMULATED } from "./support/verified";
import { bare, blocksOf, filled, type Line } from "../support/page";

const NAMESPACE = "ralph-orchestrator";

/** What the user of a page puts in place of `<...>`. */
const VALUES = {
  "project-id": "acme-agents",
  "host-project": "acme-network",
  number: "123456789",
  you: "ada@example.com",
};

/** What the user answers to a command that asks. */
const ANSWERS: readonly (readonly [command: RegExp, input: string])[] = [
  [/^aws configure$/, "AKIAEXAMPLE\nsecret\nus-west-2\njson\n"],
  [/--secret --path ralph:apiKeys\.claude$/, "key-of-a-user"],
];

/** Commands that run in another form, with the reason. */
const OTHERWISE: readonly (readonly [command: RegExp, run: (line: Line) => string, reason: string])[] = [
  [/^\.\/ralphctl destroy /, (line) => `${line} --yes`, "the name of the stack is typed at a terminal"],
];

/** The packages are installed here: no registry is asked for each test. */
const installs = (line: Line): boolean => line.startsWith("npm ci ");

interface Mutant {
  /** The command that the page loses. */
  readonly without: RegExp;
  /** The command that then fails, and what it prints. */
  readonly fails: RegExp;
  readonly prints: RegExp;
}

interface Page {
  readonly cloud: string;
  readonly plugins: readonly StubName[];
  readonly mutants: readonly Mutant[];
  /** Commands without which the rest of the page works too. */
  readonly free: readonly (readonly [command: RegExp, reason: string])[];
}

const UP = /^pulumi up$/;
const COMMON: readonly Mutant[] = [
  { without: /^npm ci /, fails: /^\.\/ralphctl preview /, prints: /dependencies are not installed/ },
  { without: /^pulumi stack init /, fails: /^pulumi config set /, prints: /no stack selected|stack/ },
];
const FREE: Page["free"] = [
  [/^\.\/ralphctl preview /, "shows, and changes nothing"],
  [/^pulumi up$/, "the subject of the test"],
  [
    /^pulumi config set --path ralph:cluster.deletionProtection false$/,
    "cloud-life.test.ts: it is protected",
  ],
  [/^\.\/ralphctl destroy /, "the subject of the test"],
  [/^pulumi config set --secret --path ralph:apiKeys\.claude$/, "a stack without keys is valid"],
];

const PAGES: readonly Page[] = [
  {
    cloud: "gke",
    plugins: ["gcp", "docker-build"],
    mutants: [
      ...COMMON,
      { without: /^gcloud auth login$/, fails: /^gcloud services enable /, prints: /active account/ },
      { without: /^gcloud config set project /, fails: /^gcloud services enable /, prints: /\[project\]/ },
      {
        without: /^gcloud auth application-default login$/,
        fails: UP,
        prints: /gcloud auth application-default login/,
      },
      { without: /^pulumi config set gcp:project /, fails: UP, prints: /gcp:project/ },
    ],
    free: [
      ...FREE,
      [/^gcloud services enable /, "the stack enables them itself, later"],
      [/^gcloud compute regions describe /, "shows, and changes nothing"],
      [/--project=<host-project>|^gcloud projects add-iam-policy-binding /, "for a Shared VPC only"],
    ],
  },
  {
    cloud: "eks",
    plugins: ["aws", "eks", "docker-build"],
    mutants: [
      ...COMMON,
      { without: /^aws configure$/, fails: /^aws sts /, prints: /Unable to locate credentials/ },
      { without: /^aws (configure$|sts )/, fails: UP, prints: /aws sso login, or aws configure/ },
    ],
    free: [
      ...FREE,
      [/^pulumi config set aws:region /, "repeats what the committed stack file says, to be edited"],
      [/^aws service-quotas get/, "shows, and changes nothing"],
      [/^aws service-quotas request/, "AWS grants it days later"],
    ],
  },
  {
    cloud: "aks",
    plugins: ["azure-native", "docker-build"],
    mutants: [
      ...COMMON,
      { without: /^az login$/, fails: /az provider register/, prints: /Please run 'az login'/ },
      {
        without: /az provider register/,
        fails: UP,
        prints:
          /Microsoft\.Insights +is not registered .*az provider register --namespace Microsoft\.Insights --wait/,
      },
      { without: /ralph:cluster\.admins/, fails: UP, prints: /ralph:cluster\.admins/ },
    ],
    free: [
      ...FREE,
      [
        /^pulumi config set azure-native:location /,
        "repeats what the committed stack file says, to be edited",
      ],
    ],
  },
];

const outcomesOf = (report: string): Readonly<Record<string, string>> =>
  Object.fromEntries((JSON.parse(report) as VerifyReport).checks.map(({ name, outcome }) => [name, outcome]));

const VERIFIED = { ...SIMULATED, "vendor's program": "passed" };

const linesOf = ({ cloud }: Page): Line[] =>
  blocksOf(`docs/clouds/${cloud}.md`).flatMap((block) => block.map(bare));

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

for (const page of PAGES) {
  describe(`docs/clouds/${page.cloud}.md`, function () {
    this.timeout("480s");
    const { cloud, plugins, mutants, free } = page;
    const lines = linesOf(page);

    it("has no command that is neither needed nor listed", () => {
      const known = [...mutants.map(({ without }) => without), ...free.map(([command]) => command)];
      assert.deepEqual(
        lines.filter((line) => !known.some((command) => command.test(line))),
        [],
      );
      for (const command of known)
        assert.ok(
          lines.some((line) => command.test(line)),
          `${command.source}`,
        );
    });

    mutants.forEach(({ without, fails, prints }, i) => {
      it(`does not work without ${without.source}`, async () => {
        const user = new Newcomer(`${cloud}-without-${i}`, plugins);
        try {
          const end = lines.findIndex((line) => fails.test(line) && !without.test(line));
          const before = lines
            .slice(0, end)
            .filter(
              (line) => !without.test(line) && !UP.test(line) && !line.startsWith("./ralphctl preview"),
            );
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
    });

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
  });
}
