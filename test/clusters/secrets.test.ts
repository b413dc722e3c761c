/**
 * Proves, under mocks, the secret store of each cloud: everything that is registered at the cloud (which test/judges hold
 * against the vendors' own models), whose identity reads and what, the SecretStore, the operator, and the order in which all
 * of it is deleted. And that without the keys nothing of it exists. Does not prove that a cloud lets anyone read. (The real
 * External Secrets: test/nightly/external-secrets.test.ts.)
 */
import assert from "node:assert/strict";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { type Registered, runStack, type StackConfig, type StackRun } from "../support/stack";
import { changed, KIND, manifest, podOf } from "../support/workload";

const ROLE_ARN = "arn:aws:iam::123456789012:role/cluster-secrets-1a2b3c4";
const VAULT =
  "/subscriptions/12345678-1234-1234-1234-123456789012/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme-ralph";
const CHART = "kubernetes:helm.sh/v4:Chart";
const STORE = "kubernetes:external-secrets.io/v1:SecretStore";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
type Name = "gke" | "eks" | "aks";

/** A stack of each cloud with these keys of the workload. */
const RUN: Record<Name, (more: StackConfig) => Promise<StackRun>> = {
  gke: (more) =>
    runStack({
      config: { cloud: "gke", cluster: gke.PUBLIC, ...more },
      foreign: gke.FOREIGN,
      types: /^gcp:/,
      outputs: gke.outputs,
      calls: { "gcp:organizations/getProject:getProject": { number: "123456789012" } },
    }),
  eks: (more) =>
    eks.run(eks.PUBLIC, more, {
      outputs: (type) => (type === eks.TYPE.role ? { name: "role", arn: ROLE_ARN } : undefined),
    }),
  aks: (more) => aks.run({}, { config: { cloud: "aks", cluster: aks.MINIMAL, ...more } }),
};
const STORES: Record<Name, object> = {
  gke: { cloud: true, install: "external-secrets" },
  eks: { cloud: true, install: "external-secrets" },
  aks: { cloud: true, install: "external-secrets", vault: VAULT },
};
const apiKeys = { externalSecret: { keys: { claude: { key: "ralph-claude" } } } };

const inputsOf = (resources: readonly Registered[]) =>
  Object.fromEntries(
    resources.map(({ type, name, inputs }): [string, unknown] => [`${type} ${name}`, inputs]),
  );

describe("the secret store of the cluster's cloud", () => {
  let restore: () => void;
  const runs = {} as Record<Name, { plain: StackRun; stored: StackRun }>;
  before(async function () {
    this.timeout("120s");
    restore = aks.onlyPrograms("gke-gcloud-auth-plugin", "gcloud", "aws", "kubelogin", "az");
    for (const name of ["gke", "eks", "aks"] as const)
      runs[name] = {
        plain: await RUN[name]({}),
        stored: await RUN[name]({ apiKeys, secretStore: STORES[name] }),
      };
  });
  after(() => restore());

  /** What exists with a store only, at the cloud. */
  const added = (name: Name): Registered[] => {
    const { plain, stored } = runs[name];
    const before = new Set(plain.resources.map(({ urn }) => urn));
    return stored.resources.filter(({ urn, type }) => !before.has(urn) && !type.startsWith("kubernetes:"));
  };

  it("on EKS is read by the operator's role, which reads one prefix", () => {
    const [role, ...others] = added("eks");
    const { Statement } = JSON.parse(role?.inputs.assumeRolePolicy as string) as {
      Statement: { Condition: object }[];
    };
    assert.deepEqual(Statement[0]?.Condition, {
      StringEquals: {
        "aws:RequestTag/eks-cluster-name": "ralph-cluster",
        "aws:RequestTag/kubernetes-namespace": "external-secrets",
        "aws:RequestTag/kubernetes-service-account": "external-secrets",
      },
    });
    assert.deepEqual(inputsOf(others), {
      "aws:iam/rolePolicy:RolePolicy cluster-secrets": {
        role: "role",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["GetResourcePolicy", "GetSecretValue", "DescribeSecret", "ListSecretVersionIds"].map(
                (action) => `secretsmanager:${action}`,
              ),
              Resource: `arn:aws:secretsmanager:${"us-west-2"}:123456789012:secret:ralph-*`,
            },
          ],
        }),
      },
      "aws:eks/podIdentityAssociation:PodIdentityAssociation cluster-secrets": {
        clusterName: "ralph-cluster",
        namespace: "external-secrets",
        serviceAccount: "external-secrets",
        roleArn: ROLE_ARN,
        tags: eks.TAGS,
      },
    });
  });

  it("on GKE is read by a service account of its own, which reads one prefix", () =>
    assert.deepEqual(inputsOf(added("gke")), {
      "gcp:projects/service:Service cluster-secrets-api": {
        project: "acme-agents",
        service: "secretmanager.googleapis.com",
        disableOnDestroy: false,
      },
      "gcp:projects/iAMMember:IAMMember cluster-secrets": {
        project: "acme-agents",
        role: "roles/secretmanager.secretAccessor",
        member:
          "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/" +
          "acme-agents.svc.id.goog/subject/ns/ralph-orchestrator/sa/ralph-secrets-reader",
        condition: {
          title: "secrets ralph-*",
          expression: 'resource.name.startsWith("projects/123456789012/secrets/ralph-")',
        },
      },
    }));

  it("on AKS is read by an identity of its own, which reads one vault", () => {
    const group = { resourceGroupName: "ralph-rg" };
    assert.deepEqual(inputsOf(added("aks")), {
      "azure-native:managedidentity:UserAssignedIdentity cluster-secrets": { ...group, tags: eks.TAGS },
      "azure-native:authorization:RoleAssignment cluster-secrets": {
        roleDefinitionId:
          "/subscriptions/12345678-1234-1234-1234-123456789012/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6",
        principalId: "principal",
        principalType: "ServicePrincipal",
        scope: VAULT,
      },
      "azure-native:managedidentity:FederatedIdentityCredential cluster-secrets": {
        ...group,
        resourceName: "identity",
        issuer: aks.ISSUER,
        subject: "system:serviceaccount:ralph-orchestrator:ralph-secrets-reader",
        audiences: ["api://AzureADTokenExchange"],
      },
    });
    const { annotations } = runs.aks.stored.find(KIND.serviceAccount, "ralph-secrets-reader").inputs.metadata;
    assert.equal(annotations["azure.workload.identity/client-id"], "client");
    assert.ok("azure.workload.identity/tenant-id" in annotations);
  });

  const PROVIDERS: Record<Name, object> = {
    eks: { aws: { service: "SecretsManager", region: "us-west-2" } },
    gke: {
      gcpsm: {
        projectID: "acme-agents",
        auth: { workloadIdentity: { serviceAccountRef: { name: "ralph-secrets-reader" } } },
      },
    },
    aks: {
      azurekv: {
        authType: "WorkloadIdentity",
        vaultUrl: "https://acme-ralph.vault.azure.net",
        serviceAccountRef: { name: "ralph-secrets-reader" },
      },
    },
  };
  for (const name of ["eks", "gke", "aks"] as const) {
    it(`on ${name} is a SecretStore that no pod's service account can read`, () => {
      const { stored } = runs[name];
      assert.deepEqual(
        stored.find(STORE, "ralph-store").inputs,
        manifest(`
          apiVersion: external-secrets.io/v1
          kind: SecretStore
          metadata:
            name: ralph-store
            namespace: ralph-orchestrator
            annotations:
              pulumi.com/waitFor: condition=Ready
              pulumi.com/deletionPropagationPolicy: background
            labels:
              app: ralph-orchestrator
              app.kubernetes.io/name: ralph-orchestrator
          spec:
            provider: ${JSON.stringify(PROVIDERS[name])}
        `),
      );
      const external = stored.find(EXTERNAL, "ralph-secrets-external").inputs;
      assert.deepEqual(external.spec.secretStoreRef, { name: "ralph-store", kind: "SecretStore" });
      const readers = stored
        .ofType(KIND.serviceAccount)
        .filter(({ inputs }) => inputs.metadata.name === "ralph-secrets-reader");
      assert.equal(readers.length, name === "eks" ? 0 : 1);
      for (const pod of [KIND.deployment, KIND.job, KIND.cronJob].flatMap((kind) => stored.ofType(kind)))
        if (pod.inputs.metadata.namespace === "ralph-orchestrator")
          assert.equal(podOf(pod).spec.serviceAccountName, "ralph-sa", pod.urn);
    });

    it(`on ${name} is deleted after the Secrets from it, and before the operator that removes their finalizers`, () => {
      const { stored } = runs[name];
      const store = stored.find(STORE, "ralph-store");
      const chart = stored.ofType(CHART)[0] ?? assert.fail("no chart");
      const external = stored.find(EXTERNAL, "ralph-secrets-external");
      assert.ok(external.dependencies.includes(store.urn));
      assert.ok(external.dependencies.includes(chart.urn));
      assert.ok(store.dependencies.includes(chart.urn));
      for (const { urn, type } of added(name))
        if (/RolePolicy|PodIdentity|IAMMember|RoleAssignment|Federated/.test(type)) {
          assert.ok(store.dependencies.includes(urn), urn);
          // On EKS a pod that starts before has no identity.
          assert.ok(chart.dependencies.includes(urn), urn);
        }
      const { values } = chart.inputs;
      assert.deepEqual(
        [values.scopedNamespace, values.scopedRBAC, values.webhook, values.certController],
        ["ralph-orchestrator", true, { create: false }, { create: false }],
      );
    });
  }

  it("is nothing by default", () => {
    for (const { plain } of Object.values(runs)) {
      assert.deepEqual(plain.ofType(STORE), []);
      assert.deepEqual(
        plain.resources.filter(({ name }) => /external-secrets|secrets-reader/.test(name)),
        [],
      );
    }
  });

  const REFUSED: [what: string, run: () => Promise<unknown>, says: RegExp][] = [
    [
      "a cluster whose cloud is not known",
      () => changed({ secretStore: { cloud: true, install: "external-secrets" } }),
      /ralph:secretStore\.cloud +must be false.*\n.*ralph:secretStore\.install +must be none/,
    ],
    [
      "AKS without a vault",
      () => RUN.aks({ secretStore: { cloud: true } }),
      /ralph:secretStore\.vault +is missing/,
    ],
    [
      "a vault on a cloud without any",
      () => RUN.gke({ secretStore: { cloud: true, vault: VAULT } }),
      /ralph:secretStore\.vault +must not be set: this cloud has no vaults/,
    ],
    [
      "a secret that the identity may not read",
      () => RUN.gke({ secretStore: { cloud: true, prefix: "team-" }, apiKeys }),
      /ralph:apiKeys\.externalSecret\.keys\.claude\.key +must begin with secretStore\.prefix, team-.*team-ralph-claude/,
    ],
    [
      "no store at all",
      () => changed({ apiKeys }),
      /ralph:apiKeys\.externalSecret\.store +is missing: or secretStore\.cloud creates one/,
    ],
  ];
  for (const [what, run, says] of REFUSED) it(`is refused with ${what}`, () => assert.rejects(run(), says));
});
