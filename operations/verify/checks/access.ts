import type { V1SelfSubjectReview } from "@kubernetes/client-node";

import { type Check, failed, passed } from "../types";

/** Logging in has worked by then: this shows as whom, without the name, which may be a person's. */
export const access: Check = {
  name: "access",
  shows: "the stack's kubeconfig is accepted, by the login of the cloud",
  runsPods: false,
  async run({ client, nodes }) {
    const { status } = await client.create<V1SelfSubjectReview>(
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    );
    const groups = status?.userInfo?.groups ?? [];
    if (!groups.includes("system:authenticated"))
      return failed("the server treats the kubeconfig's user as anonymous", "kubectl auth whoami");
    const ready = nodes.filter(({ status: node }) =>
      node?.conditions?.some(({ type, status: state }) => type === "Ready" && state === "True"),
    );
    return ready.length === 0
      ? failed("logged in, but no node is ready", "kubectl describe nodes")
      : passed(`logged in; ${ready.length} of ${nodes.length} nodes ready`);
  },
};
