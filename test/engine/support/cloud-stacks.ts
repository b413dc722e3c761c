import type { StubName } from "../../../stub-clouds/types";
import type { Values } from "./stack";

/** The committed stack of a cloud, as tests run it on a stub of that cloud. */
export interface CloudStack {
  /** Name of the committed stack. */
  readonly from: string;
  readonly plugins: readonly StubName[];
  /** What the file leaves to its user: provider configuration and keys of `ralph:cluster`. */
  readonly foreign?: Values;
  readonly cluster?: Values;
  /** Type of the cluster itself. */
  readonly token: string;
  /** The vendor's program that gets a token. */
  readonly program: string;
}

export const GKE: CloudStack = {
  from: "gke",
  plugins: ["gcp"],
  foreign: { "gcp:project": "acme-agents" },
  token: "gcp:container/cluster:Cluster",
  program: "gke-gcloud-auth-plugin",
};

export const EKS: CloudStack = {
  from: "eks",
  plugins: ["aws", "eks"],
  token: "aws:eks/cluster:Cluster",
  program: "aws",
};

export const AKS: CloudStack = {
  from: "aks",
  plugins: ["azure-native"],
  cluster: { admins: [{ objectId: "11111111-2222-3333-4444-555555555555" }] },
  token: "azure-native:containerservice:ManagedCluster",
  program: "kubelogin",
};
