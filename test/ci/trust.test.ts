/**
 * Proves that the commands of docs/ci.md, run as printed on stand-ins for the vendors' programs, let in the jobs that the
 * page is about, and no other: for a repository of each kind of subject, and for what previews, creates and deletes, the
 * token of the environment is accepted by each cloud, and those of the other environments, of a repository of the same name,
 * and of another kind are refused.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { installStubClouds, type StubClouds } from "../../stub-clouds/install";
import {
  awsRefusal,
  azureRefusal,
  type GoogleCredentials,
  googleRefusal,
} from "../../stub-clouds/vendor/federation";
import { type Claims, jobClaims, SUBJECTS, token } from "../support/oidc";
import { commandsOfPage, environmentOf, type Identities, KINDS, setUp, subjectOf } from "../support/trust";

const AUDIENCES = {
  gke: (variables: Identities["variables"]) =>
    `https://iam.googleapis.com/${variables.GCP_WORKLOAD_IDENTITY_PROVIDER}`,
  eks: () => "sts.amazonaws.com",
  aks: () => "api://AzureADTokenExchange",
} as const;
type Cloud = keyof typeof AUDIENCES;

/** How a job logs in with a token in a file. */
const LOGINS: Readonly<Record<Cloud, string>> = {
  gke: `gcloud iam workload-identity-pools create-cred-config "$GCP_WORKLOAD_IDENTITY_PROVIDER" \
    --service-account="$GCP_SERVICE_ACCOUNT" --credential-source-file=token --output-file=gcp.json &&
    gcloud auth login --cred-file=gcp.json`,
  eks: `AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ROLE_ARN="$AWS_ROLE" aws sts get-caller-identity`,
  aks: `az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --federated-token "$(cat token)"`,
};

describe("the identities of docs/ci.md", () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "trust-"))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const world = (): StubClouds =>
    installStubClouds(join(dir, "pulumi-home"), { dir: join(dir, "world"), plugins: [], asksForLogin: true });

  /** By the vendor's program, as a job does it. */
  async function logIn(
    clouds: StubClouds,
    cloud: Cloud,
    { variables }: Identities,
    claims: Claims,
  ): Promise<void> {
    writeFileSync(join(dir, "token"), token(claims));
    const env = { ...clouds.environment(), ...variables, HOME: join(dir, "job") };
    const { code, stdout, stderr } = await run("/bin/bash", ["-c", LOGINS[cloud]], { env, cwd: dir });
    assert.equal(code, 0, `${cloud}: ${stdout}${stderr}`);
  }

  /** What the cloud answers to a token; undefined if it lets the job in. */
  function answer(
    clouds: StubClouds,
    cloud: Cloud,
    { variables }: Identities,
    claims: Claims,
  ): string | undefined {
    if (cloud === "eks") return awsRefusal(clouds.dir, token(claims), variables.AWS_ROLE ?? "");
    if (cloud === "aks") return azureRefusal(clouds.dir, token(claims), variables.AZURE_CLIENT_ID ?? "");
    writeFileSync(join(dir, "token"), token(claims));
    const credentials = JSON.parse(readFileSync(join(dir, "gcp.json"), "utf8")) as GoogleCredentials;
    return googleRefusal(clouds.dir, { ...credentials, credential_source: { file: join(dir, "token") } });
  }

  it("are created by commands for each cloud", () => {
    const programs = commandsOfPage().map((line) => line.split(" ")[0]);
    assert.deepEqual([...new Set(programs)], ["gcloud", "aws", "az"]);
  });

  for (const [age, subject] of Object.entries(SUBJECTS)) {
    it(`let in a job of a repository that is ${age}, each for one environment, and no other`, async () => {
      const clouds = world();
      for (const kind of KINDS) {
        const identities = await setUp({ clouds, dir, subject: subjectOf(age), kind });
        for (const cloud of Object.keys(AUDIENCES) as Cloud[]) {
          const audience = AUDIENCES[cloud](identities.variables);
          const environment = environmentOf(kind, cloud);
          const own = jobClaims(subject, environment, audience);
          await logIn(clouds, cloud, identities, own);
          assert.equal(answer(clouds, cloud, identities, own), undefined, environment);
          const [other = ""] = Object.values(SUBJECTS).filter((each) => each !== subject);
          const environments = KINDS.map((each) => environmentOf(each, cloud));
          const strangers: Record<string, Claims> = {
            ...Object.fromEntries(
              environments
                .filter((each) => each !== environment)
                .map((each) => [each, jobClaims(subject, each, audience)]),
            ),
            "another kind of subject": jobClaims(other, environment, audience),
            "another audience": { ...own, aud: "https://github.com/octo" },
            "another issuer": { ...own, iss: "https://gitlab.com" },
            // A name alone can be taken over: only Google's condition is by the id.
            ...(cloud === "gke" && { "a repository of the same name": { ...own, repository_id: "1" } }),
          };
          for (const [who, claims] of Object.entries(strangers))
            assert.match(
              answer(clouds, cloud, identities, claims) ?? "let in",
              REFUSED,
              `${environment}: ${who}`,
            );
        }
      }
    });
  }
});

const REFUSED =
  /Not authorized to perform|AADSTS700213|getAccessToken' denied|rejected by the attribute condition|does not match/;
