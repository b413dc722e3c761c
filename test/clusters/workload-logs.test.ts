/**
 * Proves what `ralph:cluster.logs.workloads` requests: on EKS the add-on that sends the output of pods and nothing else
 * that is billed, with a role that may write to one group but not create it, which is why no group comes back after its
 * deletion; on AKS the add-on, one stream, and the workspace even if no log of the control plane is kept. Both in an order
 * in which deletion works, and nothing of it by default. The vendors' models judge all of it.
 */
import assert from "node:assert/strict";

import * as aks from "../support/aks";
import * as eks from "../support/eks";
import type { StackRun } from "../support/stack";

/** Names and inputs of the resources that only one of two runs has. */
const added = (before: StackRun, after: StackRun) => {
  const known = new Set(before.resources.map(({ urn }) => urn));
  return after.resources.filter(({ urn }) => !known.has(urn));
};

const short = ({ type, name }: { readonly type: string; readonly name: string }): string =>
  `${type.slice(type.lastIndexOf(":") + 1)} ${name}`;

const ADDON = "amazon-cloudwatch-observability";

describe("logs of pods", () => {
  describe("on EKS", () => {
    eks.withProgram();
    const GROUP = "/aws/containerinsights/ralph-cluster/application";
    const ARN = `arn:aws:logs:us-west-2:123456789012:log-group:${GROUP}`;
    let plain: StackRun;
    let stack: StackRun;
    before(async () => {
      plain = await eks.run();
      stack = await eks.run(
        { ...eks.PUBLIC, logs: { workloads: true, retentionDays: 7 } },
        {},
        {
          outputs: (type, { name }) => (type === eks.TYPE.logs && name === GROUP ? { arn: ARN } : undefined),
        },
      );
    });

    it("need a group, an add-on with its version, and a role", () => {
      assert.deepEqual(added(plain, stack).map(short).sort(), [
        `Addon cluster-${ADDON}`,
        "LogGroup cluster-workloads",
        `Role cluster-${ADDON}`,
        `RolePolicy cluster-${ADDON}`,
        `Stash cluster-${ADDON}-version`,
      ]);
      assert.deepEqual(stack.find(eks.TYPE.logs, "cluster-workloads").inputs, {
        name: GROUP,
        retentionInDays: 7,
        tags: eks.TAGS,
      });
    });

    it("are all that the add-on sends", () => {
      const { configurationValues, ...inputs } = stack.find(eks.TYPE.addon, `cluster-${ADDON}`).inputs;
      assert.deepEqual(inputs, {
        clusterName: "ralph-cluster",
        addonName: ADDON,
        addonVersion: eks.NEWEST_ADDON,
        podIdentityAssociations: [{ roleArn: "arn:role", serviceAccount: "cloudwatch-agent" }],
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
        preserve: false,
        tags: eks.TAGS,
      });
      assert.deepEqual(JSON.parse(configurationValues as string), {
        applicationSignals: { enabled: false },
        containerInsights: { enabled: false },
        agent: { mode: "deployment", replicas: 0 },
        containerLogs: {
          fluentBit: { config: { extraFiles: { "dataplane-log.conf": "", "host-log.conf": "" } } },
        },
      });
    });

    it("are written to that group, which no pod may create", () => {
      const { policy } = stack.find("aws:iam/rolePolicy:RolePolicy", `cluster-${ADDON}`).inputs;
      assert.deepEqual(JSON.parse(policy as string), {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: `${ARN}:*` },
        ],
      });
      const { assumeRolePolicy } = stack.find(eks.TYPE.role, `cluster-${ADDON}`).inputs;
      assert.match(assumeRolePolicy as string, /"aws:RequestTag\/kubernetes-namespace":"amazon-cloudwatch"/);
    });

    it("are sent from the nodes, and end before the group and the permission are deleted", () => {
      const needed = eks.dependenciesOf(stack, stack.find(eks.TYPE.addon, `cluster-${ADDON}`));
      for (const [type, name] of [
        [eks.TYPE.logs, "cluster-workloads"],
        ["aws:iam/rolePolicy:RolePolicy", `cluster-${ADDON}`],
        [eks.TYPE.group, "cluster-nodes-a"],
      ] as const)
        assert.ok(needed.has(stack.find(type, name).urn), name);
    });
  });

  describe("on AKS", () => {
    const CLUSTER = "azure-native:containerservice:ManagedCluster";
    const RULE = "azure-native:monitor:DataCollectionRule";
    const ASSOCIATION = "azure-native:monitor:DataCollectionRuleAssociation";
    const WORKSPACE = "azure-native:operationalinsights:Workspace";
    const DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting";
    const run = (logs: object) => aks.run({ ...aks.MINIMAL, logs });
    let giveBack: () => void;
    before(() => (giveBack = aks.onlyPrograms("kubelogin", "az")));
    after(() => giveBack());

    it("need a rule and its association, which name one stream without AKS's own pods", async () => {
      const plain = await run({});
      const stack = await run({ workloads: true });
      assert.deepEqual(added(plain, stack).map(short).sort(), [
        "DataCollectionRule cluster-logs",
        "DataCollectionRuleAssociation cluster-logs",
      ]);
      assert.deepEqual(stack.find(RULE, "cluster-logs").inputs, {
        resourceGroupName: "ralph-rg",
        kind: "Linux",
        dataSources: {
          extensions: [
            {
              name: "ContainerInsightsExtension",
              extensionName: "ContainerInsights",
              streams: ["Microsoft-ContainerLogV2"],
              extensionSettings: {
                dataCollectionSettings: {
                  interval: "1m",
                  enableContainerLogV2: true,
                  namespaceFilteringMode: "Exclude",
                  namespaces: ["kube-system", "gatekeeper-system"],
                },
              },
            },
          ],
        },
        destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: "cluster-logs-id" }] },
        dataFlows: [{ streams: ["Microsoft-ContainerLogV2"], destinations: ["workspace"] }],
        tags: stack.find(WORKSPACE, "cluster-logs").inputs.tags,
      });
      assert.deepEqual(stack.find(ASSOCIATION, "cluster-logs").inputs, {
        resourceUri: "cluster-id",
        associationName: "ContainerInsightsExtension",
        dataCollectionRuleId: "cluster-logs-id",
      });
      assert.deepEqual(stack.find(CLUSTER, "cluster").inputs.addonProfiles, {
        omsagent: {
          enabled: true,
          config: { logAnalyticsWorkspaceResourceID: "cluster-logs-id", useAADAuth: "true" },
        },
      });
      // The lock covers the association.
      const lock = stack.ofType("azure-native:authorization:ManagementLockByScope")[0];
      assert.ok(lock?.dependencies.includes(stack.find(ASSOCIATION, "cluster-logs").urn));
    });

    it("have a workspace, with its daily cap, also if no log of the control plane is kept", async () => {
      const stack = await run({ workloads: true, categories: [], dailyQuotaGb: 2 });
      assert.deepEqual(stack.find(WORKSPACE, "cluster-logs").inputs.workspaceCapping, { dailyQuotaGb: 2 });
      assert.deepEqual(stack.ofType(DIAGNOSTICS), []);
      assert.equal(stack.ofType(RULE).length, 1);
    });

    it("end when the key is false; without it the cluster's add-ons are not touched", async () => {
      const without = await run({});
      const off = await run({ workloads: false, categories: [] });
      assert.equal("addonProfiles" in without.find(CLUSTER, "cluster").inputs, false);
      assert.deepEqual(off.find(CLUSTER, "cluster").inputs.addonProfiles, { omsagent: { enabled: false } });
      assert.deepEqual([...off.ofType(WORKSPACE), ...off.ofType(RULE), ...off.ofType(ASSOCIATION)], []);
    });
  });
});
