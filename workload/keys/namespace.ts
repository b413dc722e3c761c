import { invalid, findIf } from "../../config/findings";
import { dnsLabel } from "../../config/formats";
import { MONITORING_NAMESPACE, RALPH } from "../names";
import { monitoring } from "./monitoring";
import { rule } from "./section";

export const namespace = dnsLabel()
  .refine(
    (name) => name !== "default" && !name.startsWith("kube-"),
    "must not be one of the cluster's own, where pods other than Ralph's would be rejected",
  )
  .default(RALPH)
  .meta({ description: "Namespace of all objects. It belongs to this stack alone and is deleted with it." });

export const rules = [
  rule({ namespace, monitoring }, ({ namespace: name, monitoring: { enabled } }) =>
    findIf(name === MONITORING_NAMESPACE && enabled, () =>
      invalid(
        ["namespace"],
        name,
        "must not be the namespace of Prometheus while monitoring.enabled is true: its pods would be rejected, and destroy would delete it",
        RALPH,
      ),
    ),
  ),
];
