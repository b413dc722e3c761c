import * as pulumi from "@pulumi/pulumi";
import { report } from "../../config/problems";
import { refusal } from "../../config/refusal";
import { STACK_LABEL, stackLabel } from "../../lib/stack-label";
import type { Cluster } from "../types";

/** One of the custom kinds that every installation of the Prometheus Operator has. */
const KIND = "servicemonitors.monitoring.coreos.com";

interface Held {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
}

/**
 * Who has installed the Prometheus Operator in the cluster, in words; undefined if no one has, or this stack. What
 * Pulumi installed is this stack's unless the namespace names another stack: releases before this label had none.
 */
export function otherOperator(
  kind: Held | undefined,
  namespace: Held | undefined,
  stack: string,
): string | undefined {
  if (kind === undefined) return undefined;
  const managers = (kind.metadata?.managedFields ?? []).flatMap(({ manager }) => manager ?? []);
  if (!managers.some((manager) => manager.startsWith("pulumi-kubernetes"))) return "not by Pulumi";
  const owner = namespace?.metadata?.labels?.[STACK_LABEL] ?? stackLabel(stack);
  return owner === stackLabel(stack) ? undefined : `by stack ${owner}`;
}

/**
 * Refuses to install the operator in a cluster that has one: the kinds of both are the same objects, and deleting them
 * with one deletes every monitor of the other.
 *
 * @returns the namespace for the operator, once that is certain
 */
export function withoutOtherOperator(cluster: Cluster, namespace: string): pulumi.Input<string> {
  const { read } = cluster;
  if (read === undefined) return namespace;
  const held = Promise.all([
    read<Held>(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${KIND}`),
    read<Held>(`/api/v1/namespaces/${namespace}`),
  ]);
  return pulumi.output(held).apply(([kind, home]) => {
    const stack = pulumi.getStack();
    const other = otherOperator(kind, home, stack);
    if (other === undefined) return namespace;
    const key = "ralph:monitoring.install";
    throw refusal(
      report(`the configuration of stack ${stack}`, [
        {
          key,
          rule: `must be none: the cluster has a Prometheus Operator, installed ${other} (${KIND}), which can scrape this stack`,
          fix: `pulumi config set --path ${key} none`,
        },
      ]),
    );
  });
}
