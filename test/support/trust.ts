/** The identities of docs/ci.md, created by running its commands as an account's owner. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../lib/process";
import { REPOSITORY } from "../../lib/repository";
import type { StubClouds } from "../../stub-clouds/install";
import { PROJECT_NUMBER } from "../../stub-clouds/vendor/federation";
import { PROJECT_ID, PROJECT_PATH, REPOSITORY_ID } from "./oidc";
import { bare, blocksOf, filled, type Line } from "./page";

const PAGE = "docs/ci.md";

/** Commands of the page that have no stand-in. */
export const WITHOUT_STAND_IN: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^(export PULUMI_BACKEND_URL|pulumi stack init .*--secrets-provider)/, "storage and keys of a cloud"],
  [/^gh api /, "GitHub itself; both of its answers are tested"],
  [/^curl .*PRIVATE-TOKEN/, "GitLab itself"],
  [/^(go run|pipx run) /, "downloads linters"],
];

const has = (line: Line, table: typeof WITHOUT_STAND_IN): boolean =>
  table.some(([command]) => command.test(line));

/** The commands of the page, in its order. */
export const commandsOfPage = (): Line[] =>
  blocksOf(PAGE)
    .flatMap((block) => block.map(bare))
    .filter((line) => line !== "" && !has(line, WITHOUT_STAND_IN));

const page = (): string => readFileSync(join(REPOSITORY, PAGE), "utf8");

/** The subject of a kind of repository, as the page's table has it. */
export function subjectOf(kind: string): string {
  const [, form] = new RegExp(`^ *\\| ${kind} +\\| \`([^\`]+)\``, "m").exec(page()) ?? [];
  if (form === undefined) throw new Error(`${PAGE} names no subject of a repository that is ${kind}`);
  const ids = { owner: "octo", "owner-id": "123456", repository: "ralph", "repository-id": REPOSITORY_ID };
  return filled(form, ids);
}

/** The trust policy that the page calls trust.json. */
const policy = (): string => /```json\n([^]*?)```/.exec(page())?.[1] ?? "";

export interface Identities {
  /** What a repository's variables name. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a job does in its environment. */
export type Kind = "preview" | "ephemeral" | "cleanup";
export const KINDS: readonly Kind[] = ["preview", "ephemeral", "cleanup"];

/** The environment of a job, by which the page also names its identity. */
export const environmentOf = (kind: Kind, cloud: string): string =>
  kind === "cleanup" ? `ephemeral-${cloud}-cleanup` : `${kind}-${cloud}`;

export interface Owner {
  readonly clouds: StubClouds;
  /** Folder for the home of the owner. */
  readonly dir: string;
  /** What the page's `<subject>` stands for. */
  readonly subject: string;
  /** The identity to create; the page's commands are for `preview`. */
  readonly kind: Kind;
  /** Where the jobs run. Default: GitHub. */
  readonly on?: "gitlab";
}

/** What the page replaces in its commands on GitLab. */
const replacements = (): [string, string][] =>
  [...(page().split("## GitLab\n")[1] ?? "").matchAll(/^\| `([^`]+)` +\| `([^`]+)`/gm)].map(
    ([, from = "", to = ""]) => [from, to],
  );

/** The page's commands for GitLab; one subject serves all environments. */
function onGitlab(line: Line): Line {
  return replacements().reduce(
    (text, [from, to]) =>
      ["gke", "eks", "aks"].reduce(
        (each, cloud) => each.replaceAll(from.replace("preview-gke", `preview-${cloud}`), to),
        text,
      ),
    line,
  );
}

/** Runs the page's commands, and fails with the output of the first one that fails. */
export async function setUp({ clouds, dir, subject, kind, on }: Owner): Promise<Identities> {
  // Both kinds of CI may have identities in one account.
  const named = (cloud: string): string => `${on === undefined ? "" : `${on}-`}${environmentOf(kind, cloud)}`;
  const home = join(dir, "owner");
  mkdirSync(home, { recursive: true });
  const env = { ...clouds.environment(), HOME: home };
  const values: Record<string, string> = {
    subject,
    account: "123456789012",
    project: "acme-agents",
    number: PROJECT_NUMBER,
    "repository-id": REPOSITORY_ID,
    "project-id": PROJECT_ID,
    group: "octo",
    role: `arn:aws:iam::123456789012:role/${named("eks")}`,
  };
  const fill = (text: string): string => {
    // On GitLab `<project>` is its project, elsewhere Google's.
    const line = on === "gitlab" ? onGitlab(text).replaceAll("<group>/<project>", PROJECT_PATH) : text;
    return filled(line, values).replaceAll(/preview-(gke|eks|aks)/g, (_, cloud: string) => named(cloud));
  };
  const logins = ["gcloud auth login", "printf 'key\\nsecret\\nus-west-2\\n\\n' | aws configure", "az login"];
  writeFileSync(join(home, "trust.json"), fill(policy()));
  for (const command of [...logins, ...commandsOfPage()]) {
    const line = fill(command);
    const { code, stdout, stderr } = await run("/bin/bash", ["-c", line], { env, cwd: home });
    if (code !== 0) throw new Error(`${line}\n${stdout}${stderr}`);
    if (line.startsWith("az ad app create"))
      values["client-id"] = (JSON.parse(stdout) as { appId: string }).appId;
  }
  const pool = on ?? "github";
  return {
    variables: {
      GCP_WORKLOAD_IDENTITY_PROVIDER: `projects/${PROJECT_NUMBER}/locations/global/workloadIdentityPools/${pool}/providers/${pool}`,
      GCP_SERVICE_ACCOUNT: `${named("gke")}@acme-agents.iam.gserviceaccount.com`,
      AWS_ROLE: values.role ?? "",
      AWS_REGION: "us-west-2",
      AZURE_CLIENT_ID: values["client-id"] ?? "",
      AZURE_TENANT_ID: "00000000-0000-0000-0000-000000000002",
      AZURE_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000001",
    },
  };
}
