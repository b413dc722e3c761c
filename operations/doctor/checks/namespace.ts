import { STACK_LABEL, stackLabel } from "../../../lib/stack-label";
import { APP_LABELS } from "../../../workload/names";
import { objectName } from "../pods";
import { check } from "../types";

/** A namespace in which `pulumi up` creates nothing, because it exists already and is not the stack's. */
export const namespace = check({
  name: "namespace",
  needs: ["namespaces", "deployments"],
  look({ namespaces: [found], deployments }, { stack, set, up }) {
    if (found === undefined || found.status?.phase === "Terminating") return [];
    const object = objectName("Namespace", found);
    const owner = found.metadata?.labels?.[STACK_LABEL];
    const another = set("namespace", "<another>");
    if (owner !== undefined && stack !== undefined && owner !== stackLabel(stack))
      return [
        {
          object,
          what: `belongs to stack ${owner}`,
          cause: `It says so in its label ${STACK_LABEL}. \`pulumi up\` refuses the namespace of another stack.`,
          fix: [another, `./ralphctl doctor --stack ${owner}`],
        },
      ];
    const isUsed = deployments.some(({ metadata }) => metadata?.labels?.app === APP_LABELS.app);
    if (owner !== undefined || isUsed) return [];
    return [
      {
        object,
        what: "exists, and no stack created it",
        cause: "`pulumi up` takes over no namespace that exists: it fails with `already exists`.",
        fix: [another, `PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true ${up}`],
      },
    ];
  },
});
