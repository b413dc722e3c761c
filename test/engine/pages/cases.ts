/** The pages of the clouds: which of their commands a later one needs, and how each is run. */
import type { StubName } from "../../../stub-clouds/types";
import { bare, blocksOf, type Line } from "../../support/page";

/** What the user of a page puts in place of `<...>`. */
export const VALUES = {
  "project-id": "acme-agents",
  "host-project": "acme-network",
  number: "123456789",
  you: "ada@example.com",
};

/** What the user answers to a command that asks. */
export const ANSWERS: readonly (readonly [command: RegExp, input: string])[] = [
  [/^aws configure$/, "AKIAEXAMPLE\nsecret\nus-west-2\njson\n"],
  [/--secret --path ralph:apiKeys\.claude$/, "key-of-a-user"],
];

/** Commands that run in another form, with the reason. */
export const OTHERWISE: readonly (readonly [command: RegExp, run: (line: Line) => string, reason: string])[] =
  [[/^\.\/ralphctl destroy /, (line) => `${line} --yes`, "the name of the stack is typed at a terminal"]];

/** The packages are installed here: no registry is asked for each test. */
export const installs = (line: Line): boolean => line.startsWith("npm ci ");

export interface Mutant {
  /** The command that the page loses. */
  readonly without: RegExp;
  /** The command that then fails, and what it prints. */
  readonly fails: RegExp;
  readonly prints: RegExp;
}

export interface Page {
  readonly cloud: string;
  readonly plugins: readonly StubName[];
  readonly mutants: readonly Mutant[];
  /** Commands without which the rest of the page works too. */
  readonly free: readonly (readonly [command: RegExp, reason: string])[];
}

export const UP = /^pulumi up$/;
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

export const PAGES: readonly Page[] = [
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

export const linesOf = ({ cloud }: Page): Line[] =>
  blocksOf(`docs/clouds/${cloud}.md`).flatMap((block) => block.map(bare));
