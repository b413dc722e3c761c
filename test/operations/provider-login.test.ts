/**
 * Proves that a cloud is asked with the identity of the stack's provider, by the real questions of `leaks` and `recover`:
 * roles are assumed one after another and in the order of the configuration, no credential is on a command line, the
 * printed commands give a shell the same identity, and what cannot be had is reported instead of asked otherwise. The
 * programs are stand-ins that know who may do what. Does not prove what IAM accepts.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import type { CloudName } from "../../clusters";
import type { Place } from "../../clusters/operations";
import { PROJECT } from "../../lib/repository";
import { importId } from "../../operations/engine/imports";
import { findLeaks } from "../../operations/leaks";
import { shellLogin } from "../../operations/leaks/login";
import { environment } from "../support/environment";

const FIRST = "arn:aws:iam::111111111111:role/first";
const SECOND = "arn:aws:iam::222222222222:role/second";

/** Who asks, and with which words, one call a line. */
const NOTE = `#!/bin/bash
option() { local at; for at in $(seq $#); do [ "\${!at}" = "--$OPTION" ] && { at=$((at + 1)); echo "\${!at}"; }; done; }
note() { (IFS=$'\\x1f'; echo "$1"$'\\t'"\${*:2}") >> "$LOG"; }
`;

/** `first` may be assumed by the profile `base` or by the key BASE, `second` by the first; only that sees anything. */
const AWS = `${NOTE}
me="$(OPTION=profile option "$@")"; me="\${me:-$AWS_ACCESS_KEY_ID}"
note "$me" "$@"
refuse() { echo "An error occurred (AccessDenied): $me" >&2; exit 254; }
none() { echo "An error occurred (ResourceNotFoundException)" >&2; exit 254; }
case "$1 $2" in
  "sts assume-role")
    role="$(OPTION=role-arn option "$@")"
    case "$me $role $(OPTION=external-id option "$@")" in
      "base ${FIRST} "|"BASE ${FIRST} ") new=FIRST;;
      "FIRST ${SECOND} x1") new=SECOND;;
      *) refuse;;
    esac
    if [ "$(OPTION=output option "$@")" = text ]; then printf "%s\\tsecret-of-%s\\ttoken-of-%s\\n" $new $new $new
    else echo '{"Credentials":{"AccessKeyId":"'$new'","SecretAccessKey":"secret-of-'$new'","SessionToken":"token-of-'$new'"}}'; fi
    exit;;
esac
[ "$me" = SECOND ] || refuse
case "$2" in
  describe-vpcs) echo '{"Vpcs":[{"VpcId":"vpc-1","Tags":[{"Key":"stack","Value":"dev"}]}]}';;
  get-resources) echo '{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:ec2:r:2:vpc/vpc-1","Tags":[{"Key":"project","Value":"${PROJECT}"},{"Key":"stack","Value":"dev"}]}]}';;
  describe-cluster) none;;
  *) echo '{"NetworkInterfaces":[],"logGroups":[],"Roles":[]}';;
esac
`;

const OTHERS = `${NOTE}
note "\${CLOUDSDK_AUTH_ACCESS_TOKEN:-$CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE}" "$@"
if [ "$1" = account ]; then echo '{"user":{"name":"'$AZ_USER'"}}'; else echo "[]"; fi
`;

interface Call {
  readonly me: string;
  readonly words: readonly string[];
}

describe("the identity that a cloud is asked with", () => {
  const restore = environment();
  const dir = mkdtempSync(join(tmpdir(), "ralph-identity-"));
  const log = join(dir, "log");
  before(() => {
    for (const [name, script] of Object.entries({ aws: AWS, gcloud: OTHERS, az: OTHERS })) {
      writeFileSync(join(dir, name), script);
      chmodSync(join(dir, name), 0o755);
    }
    Object.assign(process.env, { PATH: `${dir}${delimiter}${process.env.PATH}`, LOG: log });
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "ARM_SUBSCRIPTION_ID"])
      Reflect.deleteProperty(process.env, name);
  });
  beforeEach(() => writeFileSync(log, ""));
  after(() => {
    restore();
    rmSync(dir, { recursive: true });
  });

  const calls = (): Call[] =>
    readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [me = "", words = ""] = line.split("\t");
        return { me, words: words.split("\x1f") };
      });
  const place = (cloud: CloudName, provider: Place["provider"]): Place => ({
    ...{ cloud, stack: "dev", cluster: "agents", provider },
    where: { location: "us-central1", resourceGroup: "rg" },
  });
  const unseen = async (at: Place) => [
    ...new Set((await findLeaks(at)).unseen.map(({ reason, fix }) => `${reason}: ${fix}`)),
  ];

  const assumeRoles = JSON.stringify([{ roleArn: FIRST }, { roleArn: SECOND, externalId: "x1" }]);
  const ROLES: readonly (readonly [name: string, provider: Place["provider"]])[] = [
    ["a profile", { region: "us-west-2", profile: "base", assumeRoles }],
    ["a key", { region: "us-west-2", accessKey: "BASE", secretKey: "secret-of-base", assumeRoles }],
  ];
  for (const [name, provider] of ROLES) {
    it(`is that of the last role that AWS's provider assumes, from ${name}`, async () => {
      const { leftovers, unseen: problems, first = [] } = await findLeaks(place("eks", provider));
      const inputs = { tags: { stack: "dev" } };
      const vpc = { urn: "u", type: "aws:ec2/vpc:Vpc", inputs };
      assert.equal(await importId(vpc, place("eks", provider), []), "vpc-1");
      const all = calls();
      assert.deepEqual(
        all.filter(({ words }) => words[0] === "sts").map(({ words }) => words[3]),
        [FIRST, SECOND],
        "each is assumed once",
      );
      assert.deepEqual(
        [...new Set(all.filter(({ words }) => words[0] !== "sts").map(({ me }) => me))],
        ["SECOND"],
      );
      assert.doesNotMatch(JSON.stringify(all.map(({ words }) => words)), /secret-of|token-of/);
      assert.doesNotMatch(first.join("\n"), /secret-of|token-of|BASE/);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        leftovers.flatMap(({ remove }) => remove),
        ["aws ec2 delete-vpc --vpc-id vpc-1 --region us-west-2"],
      );
    });
  }

  it("is given to a shell by the commands that a report prints first", () => {
    const lines = shellLogin(place("eks", { region: "us-west-2", profile: "base", assumeRoles }));
    const script = [...lines, "aws ec2 delete-vpc --vpc-id vpc-1 --region us-west-2"].join("\n");
    execFileSync("sh", ["-euc", script]);
    assert.equal(calls().at(-1)?.me, "SECOND");
  });

  it("is not replaced by another one if a role cannot be assumed", async () => {
    const roles = JSON.stringify([{ roleArn: SECOND }]);
    const [problem, ...more] = await unseen(place("eks", { profile: "base", assumeRoles: roles }));
    assert.match(problem ?? "", /\(AccessDenied\): base: check that your own identity may assume it/);
    assert.deepEqual([more, calls().filter(({ words }) => words[0] !== "sts")], [[], []]);
    const token = JSON.stringify({ roleArn: FIRST, webIdentityToken: "secret-of-job" });
    const [asText] = await unseen(place("eks", { assumeRoleWithWebIdentity: token }));
    assert.match(asText ?? "", /from a file only: .*webIdentityTokenFile/);
  });

  it("is the impersonated service account, the token or the key file of Google's provider", async () => {
    await findLeaks(place("gke", { project: "p", impersonateServiceAccount: "robot@p" }));
    assert.ok(calls().every(({ words }) => words.includes("--impersonate-service-account=robot@p")));
    writeFileSync(log, "");
    await findLeaks(place("gke", { project: "p", accessToken: "secret-of-google" }));
    assert.deepEqual([...new Set(calls().map(({ me }) => me))], ["secret-of-google"]);
    assert.doesNotMatch(JSON.stringify(calls().map(({ words }) => words)), /secret-of/);
    writeFileSync(log, "");
    await findLeaks(place("gke", { project: "p", credentials: log }));
    assert.deepEqual([...new Set(calls().map(({ me }) => me))], [log]);
    writeFileSync(log, "");
    const [problem] = await unseen(
      place("gke", { project: "p", credentials: '{"private_key":"secret-of"}' }),
    );
    assert.match(problem ?? "", /^gcloud reads the key in gcp:credentials from a file only: /);
    assert.deepEqual(calls(), []);
  });

  it("is the service principal of Azure's provider, and its subscription", async () => {
    process.env.AZ_USER = "person@example.com";
    const principal = { clientId: "app-1", tenantId: "tenant-1", subscriptionId: "sub-1" };
    assert.deepEqual(await unseen(place("aks", principal)), [
      "az is logged in as person@example.com, and azure-native:clientId is app-1: az login --service-principal --username app-1 --tenant tenant-1",
    ]);
    process.env.AZ_USER = "app-1";
    assert.deepEqual(await unseen(place("aks", principal)), []);
    process.env.ARM_SUBSCRIPTION_ID = "sub-2";
    writeFileSync(log, "");
    await findLeaks(place("aks", {}));
    assert.ok(calls().every(({ words }) => words[words.indexOf("--subscription") + 1] === "sub-2"));
  });
});
