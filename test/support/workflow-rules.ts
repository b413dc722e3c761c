import { BUILDS } from "../../local/tools/pins";
import { LONGEST_RUN } from "../../operations/engine/lock";
import type { Job, Step, Workflow } from "./workflows";

/** A rule; `check` returns a line for each breach in a workflow. */
export interface Rule {
  readonly rule: string;
  readonly check: (workflow: Workflow) => string[];
  /** Edits of a committed file, each of which `check` must find. */
  readonly breaches: readonly (readonly [file: string, from: string | RegExp, to: string])[];
}

type Entry = readonly [name: string, job: Job];
const jobs = ({ jobs }: Workflow): Entry[] => Object.entries(jobs);
const where = (workflow: Workflow, test: (entry: Entry) => boolean): string[] =>
  jobs(workflow).flatMap((entry) => (test(entry) ? [`${workflow.name}: ${entry[0]}`] : []));
const steps = (workflow: Workflow): Step[] => jobs(workflow).flatMap(([, job]) => job.steps);
const uses = (workflow: Workflow, action: string): Step[] =>
  steps(workflow).filter((step) => step.uses?.startsWith(action));
const script = ({ steps }: Job): string => steps.map(({ run = "" }) => run).join("\n");
const needs = ({ needs = [] }: Job): readonly string[] => (typeof needs === "string" ? [needs] : needs);
const env = (job: Job): string => JSON.stringify([job, ...job.steps.map((step) => step.env)]);

/** The condition that excludes forks, on a job or on one that it depends on. */
const FORK = "github.event.pull_request.head.repo.full_name == github.repository";
const keepsForksOut = (workflow: Workflow, job: Job): boolean =>
  (job.if ?? "").includes(FORK) ||
  needs(job).some((name) => {
    const before = workflow.jobs[name];
    const awaited = !/always\(\)/.test(job.if ?? "") || (job.if ?? "").includes(`needs.${name}.result`);
    return before !== undefined && awaited && keepsForksOut(workflow, before);
  });

/** The action that opens pull requests. */
const PROPOSE = "./.github/actions/propose";

/** Commands that change a cloud; when cancelled, they leave it half changed. */
const CHANGES = /pulumi (up|destroy|refresh)\b|ralphctl (ephemeral|reap|destroy)\b/;

/** By this repository's image.yml on its default branch: a branch can run another one. */
const SIGNED_BY =
  /cosign verify --certificate-oidc-issuer https:\/\/token\.actions\.githubusercontent\.com [^]*--certificate-identity "\$GITHUB_SERVER_URL\/\$GITHUB_REPOSITORY\/\.github\/workflows\/image\.yml@refs\/heads\/main"/;

const PULUMI = BUILDS.pulumi.steps[0]?.version;

export const RULES: readonly Rule[] = [
  {
    rule: "a third-party action is pinned by its commit, with its release in a comment",
    check: ({ name, text }) =>
      [...text.matchAll(/uses: (.+)$/gm)].flatMap(([, action = ""]) =>
        /^\.\/\.github\/actions\/[\w-]+$|^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)
          ? []
          : [`${name}: ${action}`],
      ),
    breaches: [
      ["ci.yml", /actions\/checkout@\w{40} # v[\d.]+/, "actions/checkout@v7"],
      ["ci.yml", / # v7\.0\.1/, ""],
      ["actions/setup", /(pulumi\/actions@\w{39})\w/, "$1"],
    ],
  },
  {
    rule: "the default is no permission, and every job declares its own",
    check: (workflow) =>
      workflow.composite
        ? []
        : [
            ...(JSON.stringify(workflow.permissions) === "{}" ? [] : [`${workflow.name}: at the top`]),
            ...where(workflow, ([, { permissions }]) => permissions === undefined),
          ],
    breaches: [
      ["ci.yml", "permissions: {}", "permissions: write-all"],
      ["ci.yml", /\n {4}permissions:\n {6}contents: read/, ""],
    ],
  },
  {
    rule: "a job may write only comments, proposals and images, and only where no code of a pull request runs",
    check: (workflow) =>
      where(workflow, ([, { permissions = {}, environment, steps }]) => {
        const triggers = Object.keys(workflow.triggers);
        const proposes = steps.some(({ uses }) => uses === PROPOSE);
        const allowed = [
          "id-token",
          ...(triggers.join() === "workflow_run" ? ["pull-requests"] : []),
          ...(proposes ? ["contents", "pull-requests"] : []),
          ...(environment === "image" ? ["packages"] : []),
        ];
        const written = Object.keys(permissions).filter((scope) => permissions[scope] === "write");
        return (
          written.some((scope) => !allowed.includes(scope)) ||
          (written.some((scope) => scope !== "id-token") && triggers.includes("pull_request"))
        );
      }),
    breaches: [
      ["ci.yml", "contents: read", "contents: write"],
      ["preview.yml", "contents: read", "contents: read\n      pull-requests: write"],
      ["image.yml", "uses: ./.github/actions/propose", "uses: ./.github/actions/setup"],
      ["image.yml", "    environment: image\n", ""],
      ["image.yml", "  workflow_dispatch:", "  pull_request:"],
    ],
  },
  {
    rule: "a job that may write to the repository installs nothing, and runs no other step than its proposal",
    check: (workflow) =>
      where(
        workflow,
        ([, { permissions = {}, steps }]) =>
          permissions.contents === "write" &&
          steps.some(({ uses = "" }) => uses !== PROPOSE && !uses.startsWith("actions/checkout@")),
      ),
    breaches: [
      [
        "image.yml",
        "      - uses: ./.github/actions/propose",
        "      - run: npm test\n      - uses: ./.github/actions/propose",
      ],
    ],
  },
  {
    rule: "a proposal has a branch of its own, which no one works on",
    check: (workflow) =>
      steps(workflow)
        .filter(({ uses }) => uses === PROPOSE)
        .map((step) => String(step.with?.branch))
        .filter((branch) => !branch.startsWith("automation/"))
        .map((branch) => `${workflow.name}: ${branch}`),
    breaches: [["image.yml", "branch: automation/image", "branch: main"]],
  },
  {
    rule: "an image is signed by its digest, in the job that builds it and for the default branch alone",
    check: (workflow) =>
      where(workflow, ([, job]) => {
        const text = script(job);
        return (
          /buildx build/.test(text) &&
          !(
            text.includes("digest=$(jq -er '.\"containerimage.digest\"'") &&
            text.includes('cosign sign --yes "$IMAGE"') &&
            job.permissions?.["id-token"] === "write" &&
            job.if?.includes("github.ref == 'refs/heads/main'")
          )
        );
      }),
    breaches: [
      ["image.yml", 'cosign sign --yes "$IMAGE"', 'cosign sign --yes "$TAG"'],
      ["image.yml", " && github.ref == 'refs/heads/main'", ""],
    ],
  },
  {
    rule: "an identity in a cloud is tied to an environment",
    check: (workflow) =>
      where(
        workflow,
        ([, { permissions = {}, environment }]) =>
          permissions["id-token"] === "write" && environment === undefined,
      ),
    breaches: [["reap.yml", /\n {4}environment: .*/, ""]],
  },
  {
    rule: "what creates a cluster has an environment that can require reviewers; what deletes it has another",
    check: (workflow) =>
      where(workflow, ([, job]) => {
        const deletes = /ralphctl (ephemeral down|reap)\b/.test(script(job));
        const creates = /ralphctl ephemeral up\b/.test(script(job));
        const environment = `ephemeral-\${{ matrix.cloud }}${deletes ? "-cleanup" : ""}`;
        return (creates || deletes) && (job.environment !== environment || (creates && deletes));
      }),
    breaches: [
      ["ephemeral.yml", "-cleanup\n    permissions", "\n    permissions"],
      ["ephemeral.yml", /(environment: ephemeral-.*\}\})\n/, "$1-cleanup\n"],
      ["reap.yml", "-cleanup\n    permissions", "\n    permissions"],
    ],
  },
  {
    rule: "kubelogin gets a new token each time, because that of `az` expires before the cluster exists",
    check: (workflow) =>
      where(
        workflow,
        ([, { steps, env = {}, permissions = {} }]) =>
          steps.some(({ uses }) => uses === "./.github/actions/cloud-login") &&
          !(
            env.AAD_LOGIN_METHOD === "workloadidentity" &&
            env.AAD_SERVICE_PRINCIPAL_CLIENT_ID === "${{ vars.AZURE_CLIENT_ID }}" &&
            permissions["id-token"] === "write"
          ),
      ),
    breaches: [
      ["ephemeral.yml", "AAD_LOGIN_METHOD: workloadidentity", "AAD_LOGIN_METHOD: azurecli"],
      ["ephemeral.yml", /(AAD_LOGIN_METHOD[^]*)\n *AAD_LOGIN_METHOD.*/, "$1"],
      ["preview.yml", /\n *AAD_SERVICE_PRINCIPAL_CLIENT_ID.*/, ""],
      ["reap.yml", /\n *id-token: write.*/, ""],
    ],
  },
  {
    rule: "no variable makes Pulumi use a managed identity instead of the login of `az`",
    check: (workflow) =>
      where(workflow, ([, job]) => [job, ...job.steps].some(({ env = {} }) => "AZURE_CLIENT_ID" in env)),
    breaches: [["reap.yml", "AAD_SERVICE_PRINCIPAL_CLIENT_ID:", "AZURE_CLIENT_ID:"]],
  },
  {
    rule: "no trigger gives a pull request's code the rights of the default branch",
    check: (workflow) => ("pull_request_target" in workflow.triggers ? [workflow.name] : []),
    breaches: [["preview.yml", "  pull_request:", "  pull_request_target:"]],
  },
  {
    rule: "a workflow with the rights of the default branch runs only its code, and installs nothing",
    check: (workflow) =>
      "workflow_run" in workflow.triggers
        ? where(
            workflow,
            ([, job]) =>
              /\bnpm\b|\bnpx\b|actions\/setup$/m.test(JSON.stringify(job.steps)) ||
              job.steps.some(
                (step) => step.uses?.startsWith("actions/checkout@") && "ref" in (step.with ?? {}),
              ),
          )
        : [],
    breaches: [
      ["comment.yml", "sparse-checkout: ci", "ref: ${{ github.event.workflow_run.head_sha }}"],
      ["comment.yml", "- run: node", "- run: npm ci && node"],
    ],
  },
  {
    rule: "no workflow uses a secret or a static key: jobs have an identity",
    check: ({ name, text }) =>
      [
        ...text.matchAll(
          /\bsecrets\b[.:[]|credentials_json|aws-(secret-)?access-key|\bcreds:|PULUMI_(ACCESS_TOKEN|CONFIG_PASSPHRASE)|_CLIENT_SECRET|_API_KEY/g,
        ),
      ].map(([found]) => `${name}: ${found}`),
    breaches: [
      ["preview.yml", "${{ vars.AWS_ROLE }}", "${{ secrets.AWS_ROLE }}"],
      ["actions/cloud-login", "service_account:", "credentials_json: x\n        service_account:"],
      ["reap.yml", "ARM_USE_OIDC:", "PULUMI_ACCESS_TOKEN: x\n      ARM_USE_OIDC:"],
    ],
  },
  {
    rule: "a job with an identity in a cloud never runs for a fork",
    check: (workflow) =>
      "pull_request" in workflow.triggers
        ? where(
            workflow,
            ([, job]) => job.permissions?.["id-token"] === "write" && !keepsForksOut(workflow, job),
          )
        : [],
    breaches: [
      ["preview.yml", FORK, "true"],
      ["ephemeral.yml", FORK, "true"],
      ["ephemeral.yml", "always() && needs.select.result == 'success' &&", "always() &&"],
    ],
  },
  {
    rule: "no expression is expanded inside a script, where it could inject code",
    check: (workflow) =>
      steps(workflow)
        .filter(({ run }) => run?.includes("${{"))
        .map(({ run }) => `${workflow.name}: ${run}`),
    breaches: [["ephemeral.yml", '--cloud "$CLOUD"', '--cloud "${{ inputs.cloud }}"']],
  },
  {
    rule: "every job has a timeout",
    check: (workflow) =>
      workflow.composite ? [] : where(workflow, ([, job]) => job["timeout-minutes"] === undefined),
    breaches: [["comment.yml", /\n {4}timeout-minutes: 5/, ""]],
  },
  {
    rule: "a job that changes a cloud ends before its lock counts as stale",
    check: (workflow) =>
      where(workflow, ([, job]) => {
        const { "timeout-minutes": minutes = Infinity } = job;
        return CHANGES.test(script(job)) && minutes * 60_000 >= LONGEST_RUN;
      }),
    breaches: [["reap.yml", "timeout-minutes: 120", "timeout-minutes: 180"]],
  },
  {
    rule: "jobs that change a cloud are queued, and not cancelled by a later run",
    check: (workflow) =>
      where(workflow, ([, job]) => {
        const { concurrency = workflow.concurrency } = job;
        return CHANGES.test(script(job)) && concurrency?.["cancel-in-progress"] !== false;
      }),
    breaches: [
      ["ephemeral.yml", "cancel-in-progress: false", "cancel-in-progress: true"],
      ["ephemeral.yml", /\nconcurrency:\n.*\n.*\n/, "\n"],
      ["reap.yml", "cancel-in-progress: false", "cancel-in-progress: ${{ true }}"],
    ],
  },
  {
    rule: "a job on one of several stacks or clouds has a concurrency group for each",
    check: (workflow) =>
      where(workflow, ([, { strategy, concurrency }]) => {
        const axes = strategy === undefined ? [] : ["stack", "cloud"];
        return (
          axes.length > 0 &&
          concurrency !== undefined &&
          !axes.some((axis) => concurrency.group.includes(`matrix.${axis}`))
        );
      }),
    breaches: [
      ["preview.yml", "group: preview-${{ matrix.stack }}-", "group: preview-"],
      ["reap.yml", "group: reap-${{ matrix.cloud }}", "group: reap"],
    ],
  },
  {
    rule: "a failing stack does not stop the others",
    check: (workflow) =>
      where(
        workflow,
        ([, { strategy }]) => strategy !== undefined && !/"fail-fast":false/.test(JSON.stringify(strategy)),
      ),
    breaches: [["preview.yml", "fail-fast: false", "fail-fast: true"]],
  },
  {
    rule: "the checkout leaves no token for later steps",
    check: (workflow) =>
      uses(workflow, "actions/checkout@")
        .filter((step) => step.with?.["persist-credentials"] !== false)
        .map(() => workflow.name),
    breaches: [["ci.yml", "persist-credentials: false", "persist-credentials: true"]],
  },
  {
    rule: "a cache is keyed by the lock file",
    check: (workflow) => [
      ...uses(workflow, "actions/cache@")
        .map((step) => String(step.with?.key))
        .filter((key) => !key.includes("hashFiles('package-lock.json'")),
      ...uses(workflow, "actions/setup-node@")
        .filter((step) => "cache" in (step.with ?? {}))
        .map((step) => String(step.with?.["cache-dependency-path"]))
        .filter((path) => path !== "package-lock.json"),
    ],
    breaches: [
      ["actions/setup", "${{ hashFiles('package-lock.json') }}", "always"],
      ["actions/setup", "cache-dependency-path: package-lock.json", "cache-dependency-path: package.json"],
    ],
  },
  {
    rule: "no dependency runs an install script",
    check: (workflow) =>
      steps(workflow)
        .flatMap(({ run = "" }) => run.split(/&&|;|\n/))
        .filter((command) => /\bnpm (ci|i|install)\b(?!.*--ignore-scripts)/.test(command)),
    breaches: [["actions/setup", "--ignore-scripts ", ""]],
  },
  {
    rule: "no script downloads a program of no fixed version, or one that nothing verifies",
    check: (workflow) =>
      steps(workflow)
        .flatMap(
          ({ run = "" }) =>
            run.match(
              /\b(curl|wget|install-cli|pip[3x]? install (?!\S+==\d)|go (run|install) \S+@(?!v\d))/g,
            ) ?? [],
        )
        .map((found) => `${workflow.name}: ${found}`),
    breaches: [
      ["actions/cloud-login", /GOBIN=.*/, 'az aks install-cli --install-location "$RUNNER_TEMP/kubectl"'],
      ["actions/cloud-login", "kubelogin@v0.2.22", "kubelogin@latest"],
      ["nightly.yml", "zizmor==1.32.0", "zizmor"],
      ["ci.yml", "- run: make test-unit", "- run: curl -sL https://example.com/install | sh"],
    ],
  },
  {
    rule: "the engine is the one that the tests run",
    check: (workflow) =>
      uses(workflow, "pulumi/actions@")
        .map((step) => String(step.with?.["pulumi-version"]))
        .filter((version) => version !== PULUMI),
    breaches: [["actions/setup", /pulumi-version: .*/, "pulumi-version: 3.200.0"]],
  },
  {
    rule: "every cluster is deleted by a job that always runs, and when its pull request is closed",
    check: (workflow) =>
      where(workflow, ([name, job]) => {
        if (!/ephemeral up\b/.test(script(job))) return false;
        const { types } = (workflow.triggers.pull_request ?? {}) as { types?: string[] };
        const down = jobs(workflow).find(
          ([, other]) => needs(other).includes(name) && /ephemeral down\b/.test(script(other)),
        );
        return !(down?.[1].if ?? "").startsWith("always()") || !types?.includes("closed");
      }),
    breaches: [
      ["ephemeral.yml", "if: always() &&", "if:"],
      ["ephemeral.yml", "ephemeral down", "ephemeral list"],
      ["ephemeral.yml", ", closed]", "]"],
    ],
  },
  {
    rule: "a preview checks that the API server answers, and prints no output of the stack",
    check: (workflow) =>
      where(workflow, ([, job]) => {
        const text = script(job);
        return (
          /pulumi preview\b|ralphctl preview\b/.test(text) &&
          (!text.includes("--suppress-outputs") ||
            // A refresh asks it anyway.
            (/pulumi preview (?!--refresh)/.test(text) && !text.includes("get --raw /readyz")))
        );
      }),
    breaches: [
      ["preview.yml", "get --raw /readyz", "version"],
      ["preview.yml", "-- --suppress-outputs", ""],
      ["drift.yml", " --refresh", ""],
    ],
  },
  {
    rule: "a deployment has an environment for its stack, runs for no pull request, verifies its image before and is looked at afterwards",
    check: (workflow) =>
      where(workflow, ([, job]) => {
        const text = script(job);
        if (!/pulumi up\b/.test(text)) return false;
        const after = text.slice(text.indexOf("pulumi up"));
        return (
          job.environment !== "deploy-${{ matrix.stack }}" ||
          "pull_request" in workflow.triggers ||
          !SIGNED_BY.test(text.slice(0, text.indexOf("pulumi up"))) ||
          !/ralphctl doctor\b/.test(after) ||
          !/ralphctl verify\b/.test(after)
        );
      }),
    breaches: [
      ["deploy.yml", "environment: deploy-${{ matrix.stack }}", "environment: deploy"],
      ["deploy.yml", "  push:\n", "  pull_request:\n  push:\n"],
      ["deploy.yml", "/image.yml@refs/heads/main", "/image.yml@$GITHUB_REF"],
      ["deploy.yml", "cosign verify", "cosign tree"],
      ["deploy.yml", "ralphctl doctor", "ralphctl leaks"],
      ["deploy.yml", "ralphctl verify", "ralphctl leaks"],
    ],
  },
  {
    rule: "debug output, which contains secrets in clear, is never enabled",
    check: (workflow) =>
      where(workflow, ([, job]) =>
        /--debug|--logtostderr|-v=\d|--event-log|PULUMI_DEBUG/.test(script(job) + env(job)),
      ),
    breaches: [["preview.yml", "--color never", "--color never --debug"]],
  },
];
