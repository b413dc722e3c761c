/**
 * Proves which account `pulumi up` asks for before anything is created, and which command it names if that is missing:
 * the question to each cloud's program, and the problems in each answer. The answers are those of the programs' sources.
 * pages.test.ts shows a run without each login.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { cloud as aks } from "../../clusters/aks";
import { cloud as eks } from "../../clusters/eks";
import { cloud as gke } from "../../clusters/gke";
import { accountProblems, type AccountAnswer, type AccountQuestion } from "../../clusters/preflight";
import { environment } from "../support/environment";

const SERVICES = ["ContainerService", "Compute", "Network", "Storage", "ManagedIdentity"].concat([
  "ContainerRegistry",
  "OperationalInsights",
  "Insights",
]);
const QUERY = ["--query", "[?registrationState=='Registered'].namespace", "--output", "json"];
const registered = (...names: readonly string[]): AccountAnswer => ({
  code: 0,
  stdout: JSON.stringify(["Microsoft.Resources", ...names.map((name) => `Microsoft.${name}`)]),
  stderr: "",
});
const failed = (stderr: string): AccountAnswer => ({ code: 1, stdout: "", stderr });

const OTHER_LOGINS = /^(ARM|AZURE|GOOGLE|GCLOUD|AWS)_/;

describe("the account of a stack", () => {
  const restore = environment();
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((each) => OTHER_LOGINS.test(each)))
      Reflect.deleteProperty(process.env, name);
  });
  afterEach(() => {
    restore();
    pulumi.runtime.setAllConfig({});
  });

  const question = (ask: () => AccountQuestion | undefined, config: Record<string, string> = {}) => {
    pulumi.runtime.setAllConfig(config);
    return ask();
  };

  for (const [what, ask, config, expected] of [
    ["az", aks.account, {}, ["az", "provider", "list", ...QUERY]],
    [
      "az about the configured subscription",
      aks.account,
      { "azure-native:subscriptionId": "s1" },
      ["az", "provider", "list", ...QUERY, "--subscription", "s1"],
    ],
    [
      "gcloud about the login of SDKs",
      gke.account,
      {},
      ["gcloud", "auth", "application-default", "print-access-token", "--quiet"],
    ],
    [
      "aws with the provider's profile",
      eks.account,
      { "aws:region": "us-west-2", "aws:profile": "work" },
      ["aws", "sts", "get-caller-identity", "--output", "json"].concat([
        "--region",
        "us-west-2",
        "--profile",
        "work",
      ]),
    ],
  ] as const) {
    it(`is asked for by ${what}`, () => assert.deepEqual(question(ask, config)?.ask, expected));
  }

  for (const [variable, ask] of [
    ["ARM_USE_OIDC", aks.account],
    ["ARM_CLIENT_SECRET", aks.account],
    ["GOOGLE_APPLICATION_CREDENTIALS", gke.account],
  ] as const) {
    it(`is not asked for if the provider logs in by ${variable}`, () => {
      process.env[variable] = "x";
      assert.equal(question(ask), undefined);
    });
  }

  for (const [what, ask, answer, problems] of [
    [
      "no login at Azure",
      aks.account,
      // _AZ_LOGIN_MESSAGE in azure/cli/core/_profile.py
      failed("ERROR: Please run 'az login' to setup account.\n"),
      [["az", "has no valid login: Please run 'az login' to setup account.", "az login"]],
    ],
    [
      "a login at Azure that has expired",
      aks.account,
      failed("ERROR: AADSTS700082: The refresh token has expired due to inactivity.\nRun az login.\n"),
      [
        [
          "az",
          "has no valid login: AADSTS700082: The refresh token has expired due to inactivity.",
          "az login",
        ],
      ],
    ],
    [
      "a subscription that is another login's",
      aks.account,
      failed("ERROR: The subscription of 's1' doesn't exist in cloud 'AzureCloud'.\n"),
      [
        [
          "azure-native:subscriptionId",
          "s1 is not a subscription of az's login",
          "az account list --output table",
        ],
      ],
    ],
    [
      "services that are not registered",
      aks.account,
      registered(...SERVICES.filter((name) => !/Storage|Insights$/.test(name)), "OperationalInsights"),
      ["Storage", "Insights"].map((name) => [
        `Microsoft.${name}`,
        "is not registered in the subscription, so creation would fail halfway",
        `az provider register --namespace Microsoft.${name} --wait`,
      ]),
    ],
    [
      "every service, however Azure spells it",
      aks.account,
      registered(...SERVICES.map((n) => n.toLowerCase())),
      [],
    ],
    ["a login that may not read the list", aks.account, failed("ERROR: (AuthorizationFailed) ..."), []],
    [
      "no login of SDKs at Google",
      gke.account,
      failed(
        "ERROR: (gcloud.auth.application-default.print-access-token) Your default credentials were not found.",
      ),
      [
        [
          "gcloud",
          "has no valid login: (gcloud.auth.application-default.print-access-token) Your default credentials were not found.",
          "gcloud auth application-default login",
        ],
      ],
    ],
    [
      "no login at AWS",
      eks.account,
      failed('\nUnable to locate credentials. You can configure credentials by running "aws configure".\n'),
      [
        [
          "aws",
          'has no valid login: Unable to locate credentials. You can configure credentials by running "aws configure".',
          "aws sso login, or aws configure",
        ],
      ],
    ],
  ] as const) {
    it(`names ${problems.length} problems of ${what}`, () => {
      const found = question(ask, { "azure-native:subscriptionId": "s1" })?.problems(answer) ?? [];
      assert.deepEqual(
        found.map(({ key, rule, fix }) => [key, rule, fix]),
        problems,
      );
    });
  }

  it("is not a problem if its program is missing or gives no answer", () => {
    const folder = mkdtempSync(join(tmpdir(), "ralph-account-"));
    try {
      process.env.PATH = folder;
      const problems = () =>
        accountProblems({
          ask: ["vendor", "a"],
          problems: ({ code, stderr }) => [{ key: "k", rule: `${code} ${stderr}`, fix: "f" }],
        });
      assert.deepEqual(problems(), []);
      const program = (script: string) => {
        writeFileSync(join(folder, "vendor"), `#!/bin/sh\n${script}\n`);
        chmodSync(join(folder, "vendor"), 0o755);
      };
      program('echo "no: $1" >&2; exit 3');
      assert.deepEqual(problems(), [{ key: "k", rule: "3 no: a\n", fix: "f" }]);
      program("kill -9 $$");
      assert.deepEqual(problems(), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
