import type { CloudOperations } from "../../operations";
import { LOG_TYPES } from "../log-types";
import { json } from "./aws";

/**
 * Turns the logs off: EKS writes late lines, and creates their group again if it has been deleted by then
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763).
 */
export const quiet = (place: Parameters<CloudOperations["quiet"]>[0]): string[][] => [
  json(
    place,
    ...["eks", "update-cluster-config", "--name", place.cluster],
    ...["--logging", JSON.stringify({ clusterLogging: [{ types: LOG_TYPES, enabled: false }] })],
  ),
  // Until then the cluster cannot be deleted.
  json(place, "eks", "wait", "cluster-active", "--name", place.cluster),
];
