import { APP_LABELS, RALPH } from "../../../workload/names";
import { objectName } from "../pods";
import { check } from "../types";

/** Whether the program is deployed at all, and whether its Deployment makes progress. */
export const workload = check({
  name: "workload",
  alert: "RalphWorkersGone",
  needs: ["namespaces", "deployments"],
  look({ namespaces: [namespace], deployments }, { namespace: name, up, refresh, kubectl }) {
    if (namespace === undefined)
      return [
        {
          object: `Namespace ${name}`,
          what: "does not exist",
          cause: "The program has not been deployed to this cluster, or uses another namespace.",
          fix: [up, `kubectl get deployments -A -l app=${APP_LABELS.app}`],
        },
      ];
    if (namespace.status?.phase === "Terminating")
      return [
        {
          object: objectName("Namespace", namespace),
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
          what: `does not exist in namespace ${name}`,
          cause: "The program has not been deployed here, or the Deployment has been deleted.",
          fix: [refresh, up],
        },
      ];
    const late = worker.status?.conditions?.find(({ reason }) => reason === "ProgressDeadlineExceeded");
    if (late === undefined) return [];
    return [
      {
        object: objectName("Deployment", worker),
        what: `${late.reason}: ${late.message}`,
        cause: "Its pods did not become ready in time: see the other findings, or the pods themselves.",
        fix: [kubectl(`describe deployment ${RALPH}`), kubectl(`get pods -l app=${APP_LABELS.app}`)],
      },
    ];
  },
});
