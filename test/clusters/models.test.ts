/**
 * Proves, under mocks, models without a key on each cloud: everything that is registered at the cloud (which test/judges
 * hold against the vendors' own models), the pods' variables, labels and service account, and by an evaluator of
 * policies that exactly one address opens. And that without such a model nothing of it exists. Does not prove that a
 * cloud issues credentials.
 */
import assert from "node:assert/strict";
import type { CloudName } from "../../clusters";
import { operationsOf } from "../../clusters/operations";
import { PLUGINS } from "../../stub-clouds/types";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { allowed, type NetworkPolicy } from "../support/netpol";
import { type Registered, runStack, type StackConfig, type StackRun } from "../support/stack";
import { KIND, podOf } from "../support/workload";
import { operationsProblems } from "./operations-contract";

const ROLE_ARN = "arn:aws:iam::123456789012:role/cluster-models-1a2b3c4";
const FOUNDRY =
  "/subscriptions/12345678-1234-1234-1234-123456789012/resourceGroups/ai/providers/Microsoft.CognitiveServices/accounts/acme-ai";
const CLIENT_ID = "azure.workload.identity/client-id";
const CLAUDE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";

/** A stack of each cloud with these keys of the workload. */
const RUN: Record<"gke" | "eks" | "aks", (more: StackConfig) => Promise<StackRun>> = {
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

const MODELS: Record<keyof typeof RUN, StackConfig> = {
  eks: { claude: { via: "bedrock", region: "eu-west-1", model: CLAUDE } },
  gke: { claude: { via: "vertex", project: "acme-models", model: "claude-sonnet-4-5@20250929" } },
  aks: { claude: { via: "foundry", resourceId: FOUNDRY, model: "claude-sonnet" } },
};

const inputsOf = (resources: readonly Registered[]) =>
  Object.fromEntries(
    resources.map(({ type, name, inputs }): [string, unknown] => [`${type} ${name}`, inputs]),
  );

describe("models without a key", () => {
  let restore: () => void;
  const runs = {} as Record<keyof typeof RUN, { plain: StackRun; granted: StackRun }>;
  before(async function () {
    this.timeout("60s");
    restore = aks.onlyPrograms("gke-gcloud-auth-plugin", "gcloud", "aws", "kubelogin", "az");
    for (const name of ["gke", "eks", "aks"] as const)
      runs[name] = { plain: await RUN[name]({}), granted: await RUN[name]({ models: MODELS[name] }) };
  });
  after(() => restore());

  /** What exists with a model on the cloud's platform only, apart from objects in the cluster. */
  const added = (name: keyof typeof RUN): Registered[] => {
    const { plain, granted } = runs[name];
    const before = new Set(plain.resources.map(({ urn }) => urn));
    return granted.resources.filter(({ urn }) => !before.has(urn));
  };

  it("on EKS are a role for one service account of one cluster, which may call one model", () => {
    const profile = `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/${CLAUDE}`;
    const invoke = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
    const [role, ...others] = added("eks");
    assert.deepEqual(
      {
        ...(role?.inputs as object),
        assumeRolePolicy: JSON.parse(role?.inputs.assumeRolePolicy as string) as unknown,
      },
      {
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "pods.eks.amazonaws.com" },
              Action: ["sts:AssumeRole", "sts:TagSession"],
              Condition: {
                StringEquals: {
                  "aws:RequestTag/eks-cluster-name": "ralph-cluster",
                  "aws:RequestTag/kubernetes-namespace": "ralph-orchestrator",
                  "aws:RequestTag/kubernetes-service-account": "ralph-sa",
                },
              },
            },
          ],
        },
        tags: eks.TAGS,
      },
    );
    assert.deepEqual(inputsOf(others), {
      "aws:iam/rolePolicy:RolePolicy cluster-models": {
        role: "role",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: [...invoke, "bedrock:GetInferenceProfile"], Resource: profile },
            {
              Effect: "Allow",
              Action: invoke,
              Resource: "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
              Condition: { StringEquals: { "bedrock:InferenceProfileArn": profile } },
            },
          ],
        }),
      },
      "aws:eks/podIdentityAssociation:PodIdentityAssociation cluster-models": {
        clusterName: "ralph-cluster",
        namespace: "ralph-orchestrator",
        serviceAccount: "ralph-sa",
        roleArn: ROLE_ARN,
        tags: eks.TAGS,
      },
    });
  });

  it("on GKE are a role of one service account in the models' project, and the API, which stays enabled", () =>
    assert.deepEqual(inputsOf(added("gke")), {
      "gcp:projects/service:Service cluster-models-acme-models-api": {
        project: "acme-models",
        service: "aiplatform.googleapis.com",
        disableOnDestroy: false,
      },
      "gcp:projects/iAMMember:IAMMember cluster-models-acme-models": {
        project: "acme-models",
        role: "roles/aiplatform.user",
        member:
          "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/" +
          "acme-agents.svc.id.goog/subject/ns/ralph-orchestrator/sa/ralph-sa",
      },
    }));

  it("on AKS are an identity that trusts one service account, with a role on the one resource", () => {
    const group = { resourceGroupName: "ralph-rg" };
    assert.deepEqual(inputsOf(added("aks")), {
      "azure-native:managedidentity:UserAssignedIdentity cluster-models": { ...group, tags: eks.TAGS },
      "azure-native:authorization:RoleAssignment cluster-models": {
        roleDefinitionId:
          "/subscriptions/12345678-1234-1234-1234-123456789012/providers/Microsoft.Authorization/roleDefinitions/53ca6127-db72-4b80-b1b0-d745d6d5456d",
        principalId: "principal",
        principalType: "ServicePrincipal",
        scope: FOUNDRY,
      },
      "azure-native:managedidentity:FederatedIdentityCredential cluster-models": {
        ...group,
        resourceName: "identity",
        issuer: aks.ISSUER,
        subject: "system:serviceaccount:ralph-orchestrator:ralph-sa",
        audiences: ["api://AzureADTokenExchange"],
      },
    });
    assert.equal(
      runs.aks.granted.find(KIND.serviceAccount, "ralph-sa").inputs.metadata.annotations[CLIENT_ID],
      "client",
    );
  });

  const ENVIRONMENT: Record<keyof typeof RUN, Record<string, string>> = {
    eks: {
      CLAUDE_CODE_USE_BEDROCK: "1",
      AWS_REGION: "eu-west-1",
      ANTHROPIC_MODEL: CLAUDE,
      ANTHROPIC_DEFAULT_OPUS_MODEL: CLAUDE,
      ANTHROPIC_DEFAULT_SONNET_MODEL: CLAUDE,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: CLAUDE,
    },
    gke: {
      CLAUDE_CODE_USE_VERTEX: "1",
      CLOUD_ML_REGION: "global",
      ANTHROPIC_VERTEX_PROJECT_ID: "acme-models",
      ANTHROPIC_MODEL: "claude-sonnet-4-5@20250929",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-sonnet-4-5@20250929",
      ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet-4-5@20250929",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-sonnet-4-5@20250929",
    },
    aks: {
      CLAUDE_CODE_USE_FOUNDRY: "1",
      ANTHROPIC_FOUNDRY_RESOURCE: "acme-ai",
      ANTHROPIC_MODEL: "claude-sonnet",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-sonnet",
      ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-sonnet",
    },
  };
  const LABELS: Partial<Record<CloudName, object>> = { aks: { "azure.workload.identity/use": "true" } };
  const ADDRESSES: Partial<Record<CloudName, string[]>> = {
    eks: ["169.254.170.23:80"],
    gke: ["169.254.169.254:80", "169.254.169.254:8080"],
  };

  for (const name of ["eks", "gke", "aks"] as const) {
    describe(`on ${name}`, () => {
      it("give every pod the agent's variables, and the labels that the cloud needs", () => {
        const { plain, granted } = runs[name];
        const variables = ({ find }: StackRun) => find(KIND.configMap, "ralph-config").inputs.data as object;
        assert.deepEqual(variables(granted), { ...variables(plain), ...ENVIRONMENT[name] });
        for (const owner of [KIND.deployment, KIND.job, KIND.cronJob].flatMap(granted.ofType)) {
          const before = plain.resources.find(({ urn }) => urn === owner.urn);
          assert.deepEqual(podOf(owner).metadata.labels, {
            ...podOf(before as Registered).metadata.labels,
            ...LABELS[name],
          });
        }
      });

      it("open exactly the address of the cloud's credentials, and nothing without them", () => {
        const policies = ({ ofType }: StackRun) =>
          ofType(KIND.networkPolicy).map(({ inputs }) => inputs as NetworkPolicy);
        const from = {
          namespace: "ralph-orchestrator",
          labels: { app: "ralph-orchestrator" },
          ip: "10.244.1.7",
        };
        const hosts = [
          "169.254.170.23",
          "169.254.170.22",
          "169.254.169.254",
          "169.254.169.252",
          "fd00:ec2::23",
        ];
        const open = (run: StackRun) =>
          hosts.flatMap((to) =>
            [80, 443, 988, 8080]
              .filter((port) => allowed(policies(run), { from, to, port }))
              .map((port) => `${to}:${port}`),
          );
        assert.deepEqual(open(runs[name].plain), []);
        assert.deepEqual(open(runs[name].granted), ADDRESSES[name] ?? []);
      });

      it("exist before the namespace, and are deleted after it", () => {
        const { granted } = runs[name];
        const [namespace] = granted.ofType(KIND.namespace);
        const grants = added(name).filter(({ type }) => !/:(Role|UserAssignedIdentity)$/.test(type));
        for (const { urn } of grants) assert.ok(namespace?.dependencies.includes(urn), urn);
      });

      it("are known to the operations, so that a killed run leaves nothing", () =>
        assert.deepEqual(
          operationsProblems(operationsOf(name), runs[name].granted.resources, [...PLUGINS, "eks"]),
          [],
        ));

      it("are allowed to nothing by the stack, if that is the user's to do, and yet are set up in the pods", async () => {
        const own = await RUN[name]({ models: { ...MODELS[name], grant: false } });
        assert.deepEqual(
          own.resources.filter(({ name: logical }) => logical.includes("models")),
          [],
        );
        assert.deepEqual(
          own.find(KIND.networkPolicy, "ralph-network-policy").inputs,
          runs[name].granted.find(KIND.networkPolicy, "ralph-network-policy").inputs,
        );
        assert.equal(
          own.find(KIND.serviceAccount, "ralph-sa").inputs.metadata.annotations[
            "azure.workload.identity/client-id"
          ],
          undefined,
        );
      });
    });
  }
});
