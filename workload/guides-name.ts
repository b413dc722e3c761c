import * as pulumi from "@pulumi/pulumi";
import { type Problem, report } from "../config/problems";
import { refusal } from "../config/refusal";
import { MONITORING_NAMESPACE, PROMETHEUS_CONFIG, RALPH } from "./names";
import type { Scope } from "./scope";

interface Taken {
  /** Path of the object in the API. */
  readonly path: string;
  /** The namespace of the stack that an object of that name is for; undefined if it does not say. */
  readonly servesIn: (object: never) => string | undefined;
  readonly problem: Pick<Problem, "key"> & { readonly what: string; readonly logicalName: string };
}

/** The ConfigMap of a stack whose objects have the prefix `name`. */
export const scrapeConfigOf = (name: string): Taken => ({
  path: `/api/v1/namespaces/${MONITORING_NAMESPACE}/configmaps/${PROMETHEUS_CONFIG}`,
  servesIn: ({ data: { "prometheus.yml": text = "" } = {} }: ConfigMap) =>
    text.includes(`job_name: ${RALPH}\n`) ? /^\s+names:\s+- (\S+)$/m.exec(text)?.[1] : undefined,
  problem: {
    key: "ralph:monitoring.prometheusConfig",
    what: `ConfigMap ${PROMETHEUS_CONFIG} in ${MONITORING_NAMESPACE}`,
    logicalName: `${name}-prometheus-config`,
  },
});
interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

/** The Argo CD Application of one. */
export const applicationOf = (name: string, argocd: string): Taken => ({
  path: `/apis/argoproj.io/v1alpha1/namespaces/${argocd}/applications/${RALPH}`,
  servesIn: ({ spec }: Application) => spec?.destination?.namespace,
  problem: {
    key: "ralph:argocd.enabled",
    what: `Application ${RALPH} in ${argocd}`,
    logicalName: `${name}-argocd-application`,
  },
});
interface Application {
  readonly spec?: { readonly destination?: { readonly namespace?: string } };
}

/**
 * The guide's name of an object in a namespace that all stacks share. Release 0.1.0 gave it to the stacks of other
 * namespaces too: such a one is named, because the provider would only report a conflict of fields.
 */
export function guidesName(
  { config, read }: Pick<Scope, "config" | "read">,
  name: string,
  { path, servesIn, problem: { key, what, logicalName } }: Taken,
): pulumi.Input<string> {
  if (config.namespace !== RALPH || read === undefined) return name;
  return pulumi.output(read<never>(path)).apply((found) => {
    const served = found === undefined ? undefined : servesIn(found);
    if (served === undefined || served === config.namespace) return name;
    const ofThat = `--stack <stack of namespace ${served}>`;
    throw refusal(
      report(`the configuration of stack ${pulumi.getStack()}`, [
        {
          key,
          rule: `needs ${what}, which a stack of an earlier release has for namespace ${served}; its next \`pulumi up\` gives it a name of its own`,
          fix: `pulumi destroy --target '**::${logicalName}' ${ofThat} && pulumi up ${ofThat}`,
        },
      ]),
    );
  });
}
