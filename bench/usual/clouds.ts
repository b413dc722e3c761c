/**
 * Three clouds as multi-cloud templates start: every SDK is imported as a whole, whichever cloud is chosen.
 * `./ralphctl bench` compares the loading of one cloud with it; it deploys nothing.
 */
import * as aws from "@pulumi/aws";
import * as azure from "@pulumi/azure-native";
import * as eks from "@pulumi/eks";
import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const name = "ralph-cluster";

const clouds: Record<string, () => pulumi.Output<unknown>> = {
  gke: () => new gcp.container.Cluster(name, { location: "us-central1-a", initialNodeCount: 3 }).endpoint,
  eks: () => {
    const role = new aws.iam.Role(name, { assumeRolePolicy: "{}" });
    return new eks.Cluster(name, { instanceRole: role, instanceType: "t3.medium" }).kubeconfig;
  },
  aks: () => {
    const group = new azure.resources.ResourceGroup("ralph-rg");
    return new azure.containerservice.ManagedCluster(name, { resourceGroupName: group.name }).fqdn;
  },
};

const config = new pulumi.Config();
const access = clouds[config.get("cloud") ?? "gke"]?.();
const provider = new k8s.Provider("cluster", { kubeconfig: pulumi.jsonStringify(access) });
new k8s.core.v1.Namespace("ralph-orchestrator", {}, { provider });
