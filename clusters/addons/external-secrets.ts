import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { STACK_LABEL, stackLabel } from "../../lib/stack-label";
import type { Cluster } from "../types";

export interface SecretsOperator {
  readonly install: "none" | "external-secrets";
  /** Helm repository of the chart. */
  readonly chartRepository: string;
  readonly version: string;
  /** Of the operator, and of the service account that the cloud grants access to. */
  readonly operator: { readonly namespace: string; readonly name: string };
  /** A registry with copies of the images; undefined for those of their publishers. */
  readonly registry: string | undefined;
}

interface Surroundings {
  readonly cluster: Cluster;
  readonly provider: Provider;
  /** The one whose objects it manages, and that it may read. */
  readonly namespace: pulumi.Input<string>;
  /** What its pods need as they start. */
  readonly grants: readonly pulumi.Resource[];
}

/** External Secrets, in a namespace of its own. It is deleted after what it manages, which has finalizers of its own. */
export function secretsOperator(
  { install, chartRepository, version, operator, registry }: SecretsOperator,
  { cluster, provider, namespace: managed, grants }: Surroundings,
): pulumi.Resource[] {
  if (install === "none") return [];
  const options = { parent: cluster, provider };
  const namespace = new Namespace(
    operator.namespace,
    { metadata: { name: operator.namespace, labels: { [STACK_LABEL]: stackLabel(pulumi.getStack()) } } },
    options,
  );
  const chart = new Chart(
    install,
    {
      chart: install,
      version,
      repositoryOpts: { repo: chartRepository },
      namespace: namespace.metadata.name,
      values: {
        ...(registry === undefined
          ? {}
          : { image: { repository: `${registry}/external-secrets/external-secrets` } }),
        installCRDs: true,
        serviceAccount: { name: operator.name },
        scopedNamespace: managed,
        scopedRBAC: true,
        // The first object would be refused until their certificate is known; the kinds have rules of their own.
        webhook: { create: false },
        certController: { create: false },
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        // GKE taints every Arm node like this.
        tolerations: [{ key: "kubernetes.io/arch", operator: "Equal", value: "arm64", effect: "NoSchedule" }],
      },
    },
    { ...options, dependsOn: [namespace, ...grants] },
  );
  return [namespace, chart];
}
