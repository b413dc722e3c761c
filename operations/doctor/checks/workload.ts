import { APP_LABELS, RALPH } from "../../../workload/names";
import { called } from "../pods";
import { check } from "../types";

/** Whether anything of the program is there at all, and whether its Deployment has what it asks for. */
export const workload = check({
  name: "workload",
  needs: ["namespaces", "deployments"],
  look({ namespaces: [namespace], deployments }, { namespace: name, up, refresh, kubectl }) {
    if (namespace === undefined)
      return [
        {
          object: `Namespace ${name}`,
          what: "is not there",
          cause: "The program has not been brought up on this cluster, or in a namespace of another name.",
          fix: [up, `kubectl get deployments -A -l app=${APP_LABELS.app}`],
        },
      ];
    if (namespace.status?.phase === "Terminating")
      return [
        {
          object: called("Namespace", namespace),
          what: "is being deleted",
          cause:
            namespace.status.conditions?.find(
              ({ type, status }) => /Remaining|Failure/.test(type) && status === "True",
            )?.message ?? "Its objects are still being deleted.",
          fix: [`kubectl get namespace ${name} -o yaml`],
        },
      ];
    const worker = deployments.find(({ metadata }) => metadata?.labels?.app === APP_LABELS.app);
    if (worker === undefined)
      return [
        {
          object: `Deployment ${RALPH}`,
          what: `is not in namespace ${name}`,
          cause: "The program has not been brought up here, or somebody has deleted it.",
          fix: [refresh, up],
        },
      ];
    const late = worker.status?.conditions?.find(({ reason }) => reason === "ProgressDeadlineExceeded");
    if (late === undefined) return [];
    return [
      {
        object: called("Deployment", worker),
        what: `${late.reason}: ${late.message}`,
        cause:
          "Its pods did not become ready in time. What keeps them is another finding, or in the pods themselves.",
        fix: [kubectl(`describe deployment ${RALPH}`), kubectl(`get pods -l app=${APP_LABELS.app}`)],
      },
    ];
  },
});
