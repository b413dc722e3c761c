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
  rule({ namespace, monitoring }, ({ namespace: name, monitoring: { install } }) =>
    findIf(name === MONITORING_NAMESPACE && install !== "none", () =>
      invalid(
        ["namespace"],
        name,
        "must not be the namespace of monitoring.install, where Prometheus' pods would be rejected",
        RALPH,
      ),
    ),
  ),
];
