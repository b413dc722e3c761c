/**
 * Proves, under mocks, what the cluster autoscaler of an EKS stack may do in AWS and in the cluster, how it runs, and when
 * there is none.
 */
import assert from "node:assert/strict";
import { OWNS_ITS_FIELDS } from "../../lib/field-owner";
import { only, PUBLIC, run, TAGS, TYPE, withProgram } from "../support/eks";
import type { StackRun } from "../support/stack";

const AUTOSCALER = "cluster-autoscaler";
const RBAC = "kubernetes:rbac.authorization.k8s.io/v1";

describe("an EKS stack", () => {
  withProgram();

  describe("has an autoscaler", () => {
    const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
    const autoscalers = ({ ofType }: StackRun) =>
      ofType(TYPE.podIdentity).length + ofType(DEPLOYMENT).filter(({ name }) => name === AUTOSCALER).length;

    it("that may read everything, and scale this cluster's nodes only", async () => {
      const stack = await run({ ...PUBLIC, name: "agents" });
      assert.deepEqual(only(stack, TYPE.podIdentity).inputs, {
        clusterName: "agents",
        namespace: "kube-system",
        serviceAccount: AUTOSCALER,
        roleArn: "arn:role",
        tags: TAGS,
      });
      const { Statement } = JSON.parse(only(stack, TYPE.autoscalerPolicy).inputs.policy as string) as {
        Statement: { Action: string[]; Condition?: unknown }[];
      };
      for (const { Action, Condition } of Statement)
        if (Action.some((action) => !/:(Describe|Get)/.test(action)))
          assert.deepEqual(Condition, {
            StringEquals: { "aws:ResourceTag/k8s.io/cluster-autoscaler/agents": "owned" },
          });
    });

    it("that passes Pod Security, and runs as the service account that AWS trusts", async () => {
      const stack = await run();
      const { metadata, spec } = stack.find(DEPLOYMENT, AUTOSCALER).inputs;
      assert.deepEqual(metadata.annotations, OWNS_ITS_FIELDS);
      assert.deepEqual(spec.template.spec, {
        serviceAccountName: AUTOSCALER,
        priorityClassName: "system-cluster-critical",
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65534,
          runAsGroup: 65534,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: AUTOSCALER,
            image: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.1",
            command: ["./cluster-autoscaler"],
            args: [
              "--cloud-provider=aws",
              "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/ralph-cluster",
              "--balance-similar-node-groups",
              "--balancing-ignore-label=topology.k8s.aws/zone-id",
              "--namespace=kube-system",
              "--skip-nodes-with-system-pods=false",
              "--stderrthreshold=info",
            ],
            env: [{ name: "AWS_REGION", value: "us-west-2" }],
            ports: [{ name: "http", containerPort: 8085 }],
            livenessProbe: {
              httpGet: { path: "/health-check", port: 8085 },
              initialDelaySeconds: 30,
              periodSeconds: 30,
            },
            resources: { requests: { cpu: "100m", memory: "300Mi" }, limits: { memory: "600Mi" } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ["ALL"] },
              readOnlyRootFilesystem: true,
            },
          },
        ],
      });
      const subject = { kind: "ServiceAccount", name: AUTOSCALER, namespace: "kube-system" };
      for (const kind of ["ClusterRole", "Role"]) {
        const { roleRef, subjects } = stack.find(`${RBAC}:${kind}Binding`, AUTOSCALER).inputs;
        assert.deepEqual([roleRef.kind, roleRef.name, subjects], [kind, AUTOSCALER, [subject]]);
      }
    });

    it("that can change nodes and evict pods, and nothing else outside its namespace", async () => {
      const stack = await run();
      const { rules } = stack.find(`${RBAC}:ClusterRole`, AUTOSCALER).inputs;
      const writes = (rules as { resources: string[]; verbs: string[] }[])
        .map(({ resources, verbs }) => [
          resources.join(),
          verbs.filter((verb) => !["get", "list", "watch"].includes(verb)).join(),
        ])
        .filter(([, verbs]) => verbs !== "");
      assert.deepEqual(writes, [
        ["nodes", "update,patch"],
        ["pods/eviction", "create"],
        ["pods/status", "update"],
        ["events", "create,patch"],
      ]);
    });

    it("built for the cluster's version of Kubernetes", async () => {
      const stack = await run({ ...PUBLIC, version: "1.34" });
      const { spec } = stack.find(DEPLOYMENT, AUTOSCALER).inputs;
      assert.match(spec.template.spec.containers[0].image as string, /:v1\.34\.\d+$/);
    });

    it("only if there is a range to scale in, and no other autoscaler", async () => {
      const fixed = await run({ ...PUBLIC, nodes: { count: 4, min: 4, max: 4 } });
      const ignored = ({ ofType }: StackRun) => ofType(TYPE.group).map(({ ignoreChanges }) => ignoreChanges);
      assert.deepEqual([autoscalers(fixed), ignored(fixed)], [0, [[], []]]);
      const foreign = await run({ ...PUBLIC, nodes: { autoscaler: false } });
      assert.deepEqual([autoscalers(foreign), ignored(foreign)], [0, [["scalingConfig"], ["scalingConfig"]]]);
    });
  });
});
