import { refusal } from "../config/refusal";
import type { RalphConfig } from "./keys";
import { RALPH } from "./names";
import type { Scope } from "./scope";

/** Whether a GitOps tool creates the workload, and this program does not. */
export const isToolsOwn = ({ gitops }: Pick<RalphConfig, "gitops">): boolean => gitops.owns === "workload";

/** Label of a namespace whose stack has a tool: from which value on the tool may own the workload. */
export const GITOPS_LABEL = "ralph-orchestrator/gitops";
export const gitopsLabel = ({ gitops: { tool, owns } }: RalphConfig): Record<string, string> =>
  tool === "none" ? {} : { [GITOPS_LABEL]: owns };

/**
 * Objects that the engine forgets without deleting them when the tool takes them over. The engine reads this from the
 * state, so an update with `gitops.tool` must have set it before.
 */
export const keptForTool = (scope: Scope): Scope =>
  scope.config.gitops.tool === "none" || isToolsOwn(scope.config)
    ? scope
    : { ...scope, options: (extra) => scope.options({ retainOnDelete: true, ...extra }) };

/**
 * Fails if the stack has a workload that the engine would delete now. The label of the namespace is then not in the state,
 * and an ignored change does not add it.
 */
export function refuseUnprepared(
  config: Pick<RalphConfig, "gitops">,
  labels: Readonly<Record<string, string>> | undefined,
): void {
  if (!isToolsOwn(config) || labels?.[GITOPS_LABEL] !== undefined) return;
  throw refusal(
    "ralph:gitops.owns cannot become workload yet: `pulumi up` would delete the running workload before the tool creates it " +
      "again. Prepare the stack first:\n" +
      "  pulumi config set --path ralph:gitops.owns nothing && pulumi up\n" +
      "  pulumi config set --path ralph:gitops.owns workload && pulumi up",
  );
}

/** A run that is over or under way is not started again, whatever changes in its Job: Flux leaves a Job that exists. */
export const runsOnce = ({ gitops }: RalphConfig): Record<string, string> =>
  gitops.tool === "flux" && gitops.owns === "workload"
    ? { "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent" }
    : {};

/**
 * Flux deletes nothing without its labels, and sets none on a Job that exists: one that changes hands must have them before,
 * or its pod would hold the claims when the stack is destroyed.
 */
export const toolsLabels = ({ config: { gitops, flux }, elsewhere }: Scope): Record<string, string> =>
  gitops.tool === "flux"
    ? {
        "kustomize.toolkit.fluxcd.io/name": elsewhere(RALPH),
        "kustomize.toolkit.fluxcd.io/namespace": flux.namespace,
      }
    : {};
