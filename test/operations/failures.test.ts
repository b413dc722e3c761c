/**
 * Proves which failures of a cloud a command repeats, which it does not, and what it prints: the cause, that what was done
 * is recorded, and what to do next. A login that expires in the middle of a run is waited for, so that the run goes on by
 * itself after a new one. The texts are the vendors' own; those of the stubs have their sources there.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { Engine } from "../../operations/engine/engine";
import { failureIn } from "../../operations/failures";
import { tableOf } from "../../stub-clouds/tables";
import { environment } from "../support/environment";

const AZURE_LOGIN = "the login at Azure is missing or has expired";
const GOOGLE_LOGIN = "the login at Google Cloud is missing or has expired";
const AWS_LOGIN = "the login at AWS is missing or has expired";
const expired = (plugin: "gcp" | "aws" | "azure-native") => tableOf(plugin).refusals.expired;

describe("a failure of a cloud", () => {
  for (const [what, text, because, attempts] of [
    ["an expired login at Google", expired("gcp"), GOOGLE_LOGIN, undefined],
    ["an expired login at AWS", expired("aws"), AWS_LOGIN, undefined],
    ["an expired login at Azure", expired("azure-native"), AZURE_LOGIN, undefined],
    [
      "keys of AWS that have expired",
      "operation error EKS: CreateCluster, api error ExpiredTokenException: The security token included in the request is expired",
      AWS_LOGIN,
      undefined,
    ],
    [
      "the AWS CLI's session",
      "aws eks describe-cluster failed: Error when retrieving token from sso: Token has expired and refresh failed",
      AWS_LOGIN,
      undefined,
    ],
    [
      "a login program of a kubeconfig",
      "getting credentials: exec: executable kubelogin failed with exit code 1",
      AZURE_LOGIN,
      undefined,
    ],
    [
      "machines beyond a quota, with the code of a busy cluster",
      'Code="OperationNotAllowed" Message="Operation could not be completed as it results in exceeding approved ' +
        'standardDASv5Family Cores quota. Additional details - Deployment Model: Resource Manager, Location: eastus"',
      "the subscription has too few vCPUs of this family, or in all, in the region",
      0,
    ],
    [
      "a busy cluster",
      'Code="OperationNotAllowed" Message="Operation is not allowed because there\'s an in progress update managed cluster operation"',
      "Azure is busy with another operation, or its controllers are behind",
      undefined,
    ],
    [
      "two at once: the one that waiting does not end",
      'Code="TooManyRequests"\nCode="ErrCode_InsufficientVCPUQuota"',
      "the subscription has too few vCPUs of this family, or in all, in the region",
      0,
    ],
    [
      "a login that the program itself found missing, before any call",
      "error: 1 problem in the configuration of stack aks; nothing was changed.\n" +
        "  az  has no valid login: Please run 'az login' to setup account.  az login",
      undefined,
      undefined,
    ],
  ] as const) {
    it(`is known: ${what}`, () => {
      const failure = failureIn(`error: ${text}`);
      assert.deepEqual([failure?.because, failure?.attempts], [because, attempts]);
    });
  }
});

describe("a run of the engine", () => {
  const restore = environment();
  let dir: string;
  /** A `pulumi` whose `up` fails with this text until the file `done` exists. */
  const install = (text: string): void => {
    writeFileSync(join(dir, "text"), text);
    const lines = [
      "#!/bin/sh",
      'case " $* " in',
      `*" up "*) echo up >>"${dir}/calls"; [ -e "${dir}/done" ] || { cat "${dir}/text"; exit 1; };;`,
      "*) echo '{}';;",
      "esac",
    ];
    writeFileSync(join(dir, "pulumi"), lines.join("\n"));
    chmodSync(join(dir, "pulumi"), 0o755);
  };
  const calls = (): string[] => readFileSync(join(dir, "calls"), "utf8").trim().split("\n");
  const up = async (said: string[], say: (text: string) => void = () => undefined): Promise<void> => {
    const options = {
      waits: [1, 1],
      say: (text: string) => {
        said.push(text);
        say(text);
      },
    };
    const engine = await Engine.open("dev", options);
    await engine.command(["up", "--yes"], "quiet");
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "failures-"));
    process.env.PATH = [dir, process.env.PATH].join(delimiter);
  });
  afterEach(() => {
    restore();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const [plugin, login] of [
    ["gcp", "gcloud auth application-default login"],
    ["aws", "aws sso login"],
    ["azure-native", "az login"],
  ] as const) {
    it(`goes on by itself once a user of ${plugin} has logged in again`, async () => {
      install(`error: ${expired(plugin)}`);
      const said: string[] = [];
      await up(said, () => writeFileSync(join(dir, "done"), ""));
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", /^Retrying in 0\.001 s: the login at \w+.* has expired\. To end it: run `/);
      assert.ok(said[0]?.includes(login), said[0]);
    });
  }

  it("ends with what to do next without a login", async () => {
    install(`error: ${expired("azure-native")}`);
    const said: string[] = [];
    await assert.rejects(
      up(said),
      /What was done is recorded\. The cause: the login at Azure is missing or has expired\. First run `az login`; then repeat the command, which continues from there\.$/,
    );
    assert.equal(said.length, 2);
  });

  it("ends at once, with what to do next, where no further attempt helps", async () => {
    install(`error: ${tableOf("azure-native").refusals.quota("")}`);
    const said: string[] = [];
    await assert.rejects(
      up(said),
      /The cause: the subscription has too few vCPUs .* First see them by `az vm list-usage/,
    );
    assert.deepEqual([said, calls()], [[], ["up"]]);
  });
});
