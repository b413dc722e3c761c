/** Jobs of .github/workflows as GitHub runs them: step by step, each script with bash, on a machine of its own. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { awsRefusal } from "../../../stub-clouds/vendor/federation";
import { type Claims, serveTokens, token } from "../../support/oidc";
import { type Step, workflows } from "../../support/workflows";
import { type Context, evaluate, expanded } from "./expressions";
import type { Newcomer } from "./newcomer";

type Variables = Readonly<Record<string, string>>;

export interface JobOptions {
  readonly workflow: string;
  readonly job: string;
  readonly machine: Newcomer;
  readonly context: Context;
  /** The token of the job. */
  readonly claims: (audience: string) => Claims;
  /** Folder of the run's artifacts. */
  readonly artifacts: string;
}

/** Actions that install what this machine has. */
const INSTALLED = /^(actions\/(checkout|setup-node|setup-go|cache)|pulumi\/actions)@/;

/** Runs a job, and fails with the output of the first step that fails. */
export async function runJob(options: JobOptions): Promise<void> {
  const { workflow, job: name, machine, claims } = options;
  const job = workflows().find((each) => each.name === workflow)?.jobs[name];
  if (job === undefined) throw new Error(`${workflow} has no job ${name}`);
  const temporary = join(machine.dir, "runner-temp");
  mkdirSync(temporary);
  // This machine has Azure's programs, and keeps its name and its hosts.
  const named = join(machine.dir, "hostname");
  machine.program(
    "sudo",
    `case "$1" in hostname) echo "$2" >${named} ;; tee) cat ;; *) test "$1" = install ;; esac`,
  );
  machine.program("go", 'test "$1" = install');
  machine.program("hostname", `cat ${named}`);
  const issuer = await serveTokens(claims);
  try {
    const mayAsk = job.permissions?.["id-token"] === "write";
    const run = new Run(
      { ...options, context: { ...options.context, "runner.temp": temporary } },
      {
        ...evaluated(job.env ?? {}, options.context),
        RUNNER_TEMP: temporary,
        GITHUB_RUN_ID: "17",
        GITHUB_RUN_ATTEMPT: "1",
        GITHUB_STEP_SUMMARY: join(temporary, "summary"),
        ...(mayAsk ? issuer.variables : {}),
      },
    );
    for (const step of job.steps) await run.step(step);
  } finally {
    issuer.server.close();
  }
}

const evaluated = (env: Variables, context: Context): Variables =>
  Object.fromEntries(Object.entries(env).map(([key, value]) => [key, expanded(value, context)]));

class Run {
  /** What actions have exported to later steps. */
  private readonly exported: Record<string, string> = {};

  constructor(
    private readonly options: JobOptions,
    private readonly env: Variables,
  ) {}

  async step(step: Step, inputs: Variables = {}): Promise<void> {
    const context = { ...this.options.context, ...inputs };
    const { machine } = this.options;
    if (step.if !== undefined && evaluate(step.if, context) === false) return;
    if (step.run !== undefined) {
      if (step.run.startsWith("npm ci ")) return machine.install();
      return this.script(step.run, evaluated(step.env ?? {}, context));
    }
    const uses = step.uses ?? "";
    if (INSTALLED.test(uses)) return;
    const given = evaluated(
      Object.fromEntries(Object.entries(step.with ?? {}).map(([key, value]) => [key, String(value)])),
      context,
    );
    if (uses.startsWith("./.github/actions/")) return this.composite(uses, given);
    const action = Object.keys(ACTIONS).find((each) => uses.startsWith(`${each}@`));
    if (action === undefined) throw new Error(`an action that this test does not know: ${uses}`);
    await ACTIONS[action]?.call(this, given);
  }

  private async composite(uses: string, given: Variables): Promise<void> {
    const action = workflows().find(({ name }) => `./.github/${name}` === uses);
    const inputs = Object.fromEntries(Object.entries(given).map(([key, value]) => [`inputs.${key}`, value]));
    for (const step of action?.jobs.steps?.steps ?? []) await this.step(step, inputs);
  }

  async script(text: string, env: Variables = {}): Promise<void> {
    const { code, stdout, stderr } = await this.options.machine.script(text, {
      ...this.env,
      ...this.exported,
      ...env,
    });
    if (code !== 0) throw new Error(`${text}\nended with ${code}:\n${stdout}${stderr}`);
  }

  export(variables: Variables): void {
    Object.assign(this.exported, variables);
  }

  get machine(): Newcomer {
    return this.options.machine;
  }

  /** The token of this job for an audience. */
  token(audience: string): string {
    return token(this.options.claims(audience));
  }

  variable(name: string): string {
    return this.env[name] ?? "";
  }

  artifact(name = ""): string {
    return join(this.options.artifacts, name);
  }
}

/** What the actions of others do, as far as later steps notice. */
const ACTIONS: Readonly<Record<string, (this: Run, given: Variables) => Promise<void> | void>> = {
  // https://github.com/google-github-actions/auth/blob/v3.0.0/src/main.ts
  "google-github-actions/auth"({ workload_identity_provider: provider = "", service_account: account = "" }) {
    const audience = `https://iam.googleapis.com/${provider}`;
    const file = join(this.machine.tree, "gha-creds-0123456789abcdef.json");
    const credentials = {
      type: "external_account",
      audience: `//iam.googleapis.com/${provider}`,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
      credential_source: {
        url: `${this.variable("ACTIONS_ID_TOKEN_REQUEST_URL")}&audience=${encodeURIComponent(audience)}`,
        headers: { Authorization: `Bearer ${this.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")}` },
        format: { type: "json", subject_token_field_name: "value" },
      },
    };
    writeFileSync(file, JSON.stringify(credentials));
    this.export({
      GOOGLE_APPLICATION_CREDENTIALS: file,
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: file,
      GOOGLE_GHA_CREDS_PATH: file,
    });
  },
  // https://github.com/google-github-actions/setup-gcloud/blob/v3.0.1/src/main.ts
  "google-github-actions/setup-gcloud"() {
    return this.script('gcloud auth login --quiet --cred-file="$GOOGLE_GHA_CREDS_PATH"');
  },
  // https://github.com/aws-actions/configure-aws-credentials/blob/v6.2.3/src/index.ts
  "aws-actions/configure-aws-credentials"(given) {
    const {
      "role-to-assume": role = "",
      "aws-region": region = "",
      "role-duration-seconds": seconds,
    } = given;
    const refusal = awsRefusal(
      this.machine.clouds.dir,
      this.token("sts.amazonaws.com"),
      role,
      Number(seconds),
    );
    if (refusal !== undefined) throw new Error(refusal);
    this.export({
      AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "of-the-session",
      AWS_SESSION_TOKEN: "of-the-session",
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    });
  },
  // https://github.com/Azure/login/blob/v3.0.0/src/Cli/AzureCliLogin.ts
  async "azure/login"({ "client-id": client, "tenant-id": tenant, "subscription-id": subscription }) {
    const token = this.token("api://AzureADTokenExchange");
    await this.script(
      `az login --service-principal --username "${client}" --tenant "${tenant}" --federated-token "${token}" --output none`,
    );
    await this.script(`az account set --subscription "${subscription}"`);
  },
  "actions/upload-artifact"({ name, path = "" }) {
    cpSync(resolve(this.machine.tree, path), this.artifact(name), { recursive: true });
  },
  "actions/download-artifact"({ name, path = "" }) {
    if (existsSync(this.artifact(name))) cpSync(this.artifact(name), join(path, "host"));
  },
};
