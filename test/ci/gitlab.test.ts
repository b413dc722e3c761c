/**
 * Proves that docs/ci/gitlab-ci.yml keeps the rules of the workflows in .github/: no key, no identity for a fork, a
 * timeout for each job, no job that changes a cloud is cancelled or runs twice, and every cluster has a job that deletes
 * it. GitLab itself has not read the file: support/gitlab.ts does.
 */
import assert from "node:assert/strict";
import { CLOUDS } from "../../clusters";
import { LONGEST_RUN } from "../../operations/engine/lock";
import { cloudStacks } from "../../ci/stack-list";
import { type GitlabJob as Job, gitlabFile, gitlabJobs as read } from "../support/gitlab";

const text = gitlabFile();

const OWN = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID";
/** Members of the project alone push these. */
const PUSHED = /\$CI_COMMIT_BRANCH == \$CI_DEFAULT_BRANCH|\$CI_COMMIT_TAG =~ \/\^v\//;
const changesCloud = ({ script }: Job): boolean => /ralphctl (ephemeral|reap)|pulumi up/.test(script.join());

const RULES: [
  rule: string,
  breach: [from: string, to: string],
  holds: (job: Job, all: Map<string, Job>) => boolean,
][] = [
  ["has a timeout", ["  timeout: 15m\n", ""], ({ timeout }) => timeout !== undefined],
  [
    "gives no identity to a fork",
    [` && ${OWN}`, ""],
    ({ id_tokens, rules = [] }) =>
      id_tokens === undefined ||
      (rules.length > 0 &&
        rules.every(
          ({ if: condition = "" }) =>
            condition.includes(OWN) || condition.includes('"schedule"') || PUSHED.test(condition),
        )),
  ],
  [
    "ties an identity to an environment",
    ["  environment:\n    name: preview/$STACK\n    action: access\n", ""],
    ({ id_tokens, environment }) => id_tokens === undefined || environment !== undefined,
  ],
  [
    "with an identity restores no cache, which jobs that run a fork's code can write",
    ["  cache: []\n", ""],
    ({ id_tokens, cache }) => id_tokens === undefined || cache?.length === 0,
  ],
  [
    "that changes a cloud ends before its lock counts as stale",
    ["timeout: 120m", "timeout: 180m"],
    (job) => !changesCloud(job) || Number(/^(\d+)m$/.exec(job.timeout ?? "")?.[1]) * 60_000 < LONGEST_RUN,
  ],
  [
    "that changes a cloud is neither cancelled nor run twice",
    ["  interruptible: false\n  resource_group: deploy-", "  resource_group: deploy-"],
    (job) => !changesCloud(job) || (job.interruptible === false && job.resource_group !== undefined),
  ],
  [
    "that creates a cluster has the job that deletes it in its environment, by hand or when it expires",
    ["on_stop: ephemeral down eks", "on_stop: reap eks"],
    ({ script, environment, variables, resource_group }, all) => {
      if (!script.join().includes("ephemeral up")) return true;
      const down = all.get(environment?.on_stop ?? "");
      return (
        environment?.auto_stop_in !== undefined &&
        down !== undefined &&
        down.script.join().includes("ephemeral down") &&
        down.environment?.name === environment.name &&
        down.environment.action === "stop" &&
        down.variables?.CLOUD === variables?.CLOUD &&
        down.resource_group === resource_group
      );
    },
  ],
  [
    "that deploys verifies the image before, and looks at the stack afterwards",
    ["    - ./ralphctl doctor --stack", "    - ./ralphctl leaks --stack"],
    ({ script }) => {
      const [before = "", after] = script.join("\n").split("pulumi up ");
      return (
        after === undefined ||
        (/cosign verify --certificate-oidc-issuer "\$CI_SERVER_URL" [^]*--certificate-identity "\$CI_PROJECT_URL\/\/\.gitlab-ci\.yml@refs\/heads\/\$CI_DEFAULT_BRANCH"/.test(
          before,
        ) &&
          /ralphctl doctor [^]*ralphctl verify /.test(after))
      );
    },
  ],
  [
    "that deploys to production waits for a click, and staging for none",
    ["      when: manual\n\nstaging eks", "\nstaging eks"],
    ({ script, rules = [], variables }) =>
      !script.join().includes("pulumi up") ||
      rules.every(
        ({ if: condition = "", when }) =>
          (when === "manual") === condition.includes("$CI_COMMIT_TAG") &&
          condition.includes("$CI_COMMIT_TAG") === variables?.STACK?.startsWith("$PRODUCTION_"),
      ),
  ],
  [
    "that proposes a change has a branch of its own for it",
    ["BRANCH=automation/render", "BRANCH=main"],
    ({ script }) => !script.join().includes("ci/propose.ts") || script.join().includes("BRANCH=automation/"),
  ],
  [
    "that signs an image does so by its digest, on the default branch",
    [
      'cosign sign --yes "$CI_REGISTRY_IMAGE/ralph-runner@$digest"',
      'cosign sign --yes "$CI_REGISTRY_IMAGE/ralph-runner"',
    ],
    ({ script, rules = [] }) =>
      !script.join().includes("buildx build") ||
      (script.join().includes('cosign sign --yes "$CI_REGISTRY_IMAGE/ralph-runner@$digest"') &&
        rules.every(({ if: condition = "" }) =>
          condition.includes("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"),
        )),
  ],
  [
    "that previews a stack checks that the API server answers",
    ["get --raw /readyz", "version"],
    // A refresh asks it anyway.
    ({ script }) => !/pulumi preview (?!--refresh)/.test(script.join()) || script.join().includes("/readyz"),
  ],
];

describe("the file for GitLab", () => {
  const failing = (source: string, holds: (job: Job, all: Map<string, Job>) => boolean): string[] => {
    const all = read(source);
    return [...all].filter(([, job]) => !holds(job, all)).map(([name]) => name);
  };

  for (const [rule, [from, to], holds] of RULES) {
    it(`a job ${rule}`, () => {
      assert.deepEqual(failing(text, holds), []);
      const broken = text.replace(from, to);
      assert.notEqual(broken, text);
      assert.notDeepEqual(failing(broken, holds), []);
    });
  }

  it("runs every hour what reaps alone, and every night what is slow", () => {
    const runs = (schedule: string): string[] =>
      [...read(text)]
        .filter(([, { rules = [] }]) => {
          const applies = (condition = ""): boolean =>
            condition.split(" && ").every((part) => {
              const [, name = "", operator, value = ""] = /^\$(\w+) (==|!=) "?([^"]*)"?$/.exec(part) ?? [];
              const actual =
                { CI_PIPELINE_SOURCE: "schedule", SCHEDULE: schedule, CI_PROJECT_ID: "$CI_PROJECT_ID" }[
                  name
                ] ?? (/^(EPHEMERAL|PREVIEW)_/.test(name) ? "true" : "");
              return condition === "" || (actual === value) === (operator === "==");
            });
          const rule = rules.find(({ if: condition }) => applies(condition));
          return rules.length === 0 || (rule !== undefined && rule.when !== "never");
        })
        .map(([name]) => name);
    assert.deepEqual(runs("").sort(), ["reap aks", "reap eks", "reap gke"]);
    assert.deepEqual(runs("nightly").sort(), [
      "drift aks",
      "drift eks",
      "drift gke",
      "kubernetes",
      "nightly",
    ]);
  });

  it("contains no key, and runs no install script of a dependency", () => {
    const keys =
      /ACCESS_KEY|SECRET|PASSPHRASE|ACCESS_TOKEN|PASSWORD|--debug|npm (ci|i|install)\b(?!.*--ignore-scripts)/;
    assert.doesNotMatch(text, keys);
    assert.match("npm ci", keys);
  });

  it("has a preview for each stack, and a short-lived cluster on each cloud", () => {
    const names = [...read(text).keys()];
    const clouds = CLOUDS.filter((cloud) => cloud !== "existing");
    assert.deepEqual(
      names.filter((name) => name.startsWith("preview ")).sort(),
      cloudStacks().map(({ stack }) => `preview ${stack}`),
    );
    for (const verb of ["ephemeral up", "ephemeral down", "reap", "staging", "production", "drift"])
      for (const cloud of clouds) assert.ok(names.includes(`${verb} ${cloud}`), `${verb} ${cloud}`);
  });

  it("keys every cache by the lock file", () => {
    const keys = text.match(/key: .*/g) ?? [];
    assert.equal(keys.length, 4);
    for (const key of keys) assert.match(key, /files: \[package-lock\.json/);
  });
});
