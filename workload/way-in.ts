import type { RalphConfig } from "./keys";

/** Whether the status page can be reached from outside of the cluster. */
export const isPublished = ({ ingress, gateway }: Pick<RalphConfig, "ingress" | "gateway">): boolean =>
  ingress.enabled || gateway.enabled;
