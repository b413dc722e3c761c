/**
 * Proves how a workload and its users reach an AKS cluster: the kubeconfig and its logins, the storage class of shares, and
 * the traits.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { cloud } from "../../clusters/aks";
import { MINIMAL, onlyPrograms, run, SERVER } from "../support/aks";
import { valueOf } from "../support/stack";

describe("access to an AKS cluster", () => {
  let restore: () => void;
  before(() => (restore = onlyPrograms("kubelogin", "az")));
  after(() => restore());

  it("has a kubeconfig without credentials that never prompts", async () => {
    const { outputs } = await run(MINIMAL);
    assert.equal(await pulumi.isSecret(outputs.kubeconfig as pulumi.Output<string>), true);
    assert.deepEqual(JSON.parse(await valueOf<string>(outputs.kubeconfig)), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "ralph-cluster",
      contexts: [{ name: "ralph-cluster", context: { cluster: "ralph-cluster", user: "ralph-cluster" } }],
      clusters: [
        { name: "ralph-cluster", cluster: { server: SERVER, "certificate-authority-data": "Q0E=" } },
      ],
      users: [
        {
          name: "ralph-cluster",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              interactiveMode: "Never",
              command: "kubelogin",
              args: [
                "get-token",
                "--login",
                "azurecli",
                "--server-id",
                "6dae42f8-4368-4678-94ff-3960e28e3630",
                "--environment",
                "AzurePublicCloud",
                "--tenant-id",
                "tenant",
              ],
              installHint:
                "kubelogin is missing: az aks install-cli, or https://azure.github.io/kubelogin/install.html",
              env: [],
            },
          },
        },
      ],
    });
    assert.equal(
      outputs.registry && (await valueOf(outputs.registry)),
      "cluster-registry-id.azurecr.io/ralph-orchestrator",
    );
  });

  it("logs in as configured", async () => {
    for (const login of ["spn", "workloadidentity", "msi", "azurepipelines"]) {
      const { outputs } = await run({ ...MINIMAL, login });
      assert.match(await valueOf<string>(outputs.kubeconfig), new RegExp(`"--login","${login}"`));
    }
  });

  it("provides a storage class for volumes that many nodes mount", async () => {
    const { inputs } = (await run(MINIMAL)).find(
      "kubernetes:storage.k8s.io/v1:StorageClass",
      "ralph-azurefile-nfs",
    );
    assert.deepEqual(inputs, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "ralph-azurefile-nfs" },
      provisioner: "file.csi.azure.com",
      parameters: { protocol: "nfs", skuName: "Premium_LRS" },
      mountOptions: ["nconnect=4", "noresvport", "actimeo=30"],
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    });
  });

  it("describes itself to the workload", () => {
    const traits = (cluster: object) => cloud.traits(cloud.schema.parse(cluster));
    const usual = {
      storageClass: { rwo: "managed-csi", rwx: "ralph-azurefile-nfs" },
      snapshots: {
        region: "westeurope",
        rwo: { className: "ralph-snapshots", copies: { className: "ralph-copies" } },
        rwx: { none: "snapshots of an Azure file share are a part of the share, and are deleted with it" },
      },
      ingress: {
        className: "nginx",
        missing: "ingress-nginx, or ralph:cluster.webAppRouting",
        annotations: {},
        from: { namespaces: ["ingress-nginx"], cidrs: [] },
      },
      networkPolicy: {
        enforced: true,
        hosts: { kind: "CiliumNetworkPolicy", enabled: false },
        dnsCidrs: ["169.254.10.10/32", "169.254.10.11/32", "10.0.0.10/32"],
        blockedCidrs: ["168.63.129.16/32"],
      },
      podIdentity: {
        platform: "foundry",
        egress: [],
        podLabels: { "azure.workload.identity/use": "true" },
        annotation: "azure.workload.identity/client-id",
      },
      secretStore: { limit: "vault", reader: "own" },
      metricsApi: true,
      architectures: ["amd64"],
      registry: { command: "az", install: "https://aka.ms/install-azure-cli" },
    };
    assert.deepEqual(traits({}), usual);
    assert.deepEqual(
      traits({
        webAppRouting: true,
        nodes: { spot: true },
        network: { pods: "198.18.0.0/16", services: "198.19.0.0/16", dnsServiceIP: "198.19.0.10" },
      }),
      {
        ...usual,
        ingress: {
          className: "webapprouting.kubernetes.azure.com",
          annotations: {},
          from: { namespaces: ["app-routing-system"], cidrs: [] },
        },
        networkPolicy: {
          enforced: true,
          hosts: { kind: "CiliumNetworkPolicy", enabled: false },
          dnsCidrs: ["169.254.10.10/32", "169.254.10.11/32", "198.19.0.10/32"],
          blockedCidrs: ["168.63.129.16/32", "198.18.0.0/16", "198.19.0.0/16"],
        },
        scheduling: {
          nodeSelector: { "kubernetes.azure.com/scalesetpriority": "spot" },
          tolerations: [
            {
              key: "kubernetes.azure.com/scalesetpriority",
              operator: "Equal",
              value: "spot",
              effect: "NoSchedule",
            },
          ],
        },
      },
    );
  });
});
