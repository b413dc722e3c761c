import { getProjectOutput } from "@pulumi/gcp/organizations/getProject";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount } from "../types";
import type { Scope } from "./scope";

/**
 * A service account of the cluster, as grants name it, and the number of the cluster's project:
 * https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
 */
export function podMember(
  { project }: Scope,
  needed: readonly pulumi.Resource[],
  { namespace, name }: ServiceAccount,
): { readonly member: pulumi.Output<string>; readonly number: pulumi.Output<string> } {
  const { number } = getProjectOutput({ projectId: project }, { dependsOn: [...needed] });
  const pool = pulumi.interpolate`projects/${number}/locations/global/workloadIdentityPools/${project}.svc.id.goog`;
  const member = pulumi.interpolate`principal://iam.googleapis.com/${pool}/subject/ns/${namespace}/sa/${name}`;
  return { member, number };
}
