import type { V1Node, V1Pod } from "@kubernetes/client-node";

import { minorOf } from "../../../clusters/versions";
import { check, type Commands, type Finding } from "../types";

/**
 * Minor versions by which kubelet and kube-proxy may be behind the API server; neither may be ahead of it
 * (https://kubernetes.io/releases/version-skew-policy/). There is no such rule for CoreDNS and network plugins.
 */
const MAX_BEHIND = 3;

interface Part {
  readonly object: string;
  readonly version: string;
  /** How to see more of it. */
  readonly show: string;
}

const kubelets = (nodes: readonly V1Node[]): Part[] =>
  nodes.map(({ metadata, status }) => ({
    object: `Node ${metadata?.name}`,
    version: status?.nodeInfo?.kubeletVersion ?? "",
    show: "kubectl get nodes -o wide",
  }));

/** By the tag of the image: `v1.34.1-eksbuild.2`. Some clouds run it as a pod of each node, without a DaemonSet. */
const proxies = (pods: readonly V1Pod[]): Part[] =>
  pods.flatMap(({ spec }) =>
    (spec?.containers ?? []).flatMap(({ name, image = "" }) => {
      const [, version] = /:(v1\.[\w.-]+)(?:@|$)/.exec(image) ?? [];
      return name !== "kube-proxy" || version === undefined
        ? []
        : [{ object: "kube-proxy", version, show: "kubectl get pods -n kube-system -o wide" }];
    }),
  );

/** Kubelets and kube-proxies that are behind the API server, or ahead of it. One finding for each version. */
export const versions = check({
  name: "versions",
  needs: ["serverVersion", "nodes", "systemPods"],
  look({ serverVersion, nodes, systemPods }, commands) {
    const server = minorOf(serverVersion.replace(/^v/, ""));
    if (server === undefined) return [];
    return [kubelets(nodes), proxies(systemPods)].flatMap((parts) => {
      const seen = new Map<string, Part[]>();
      for (const part of parts) seen.set(part.version, [...(seen.get(part.version) ?? []), part]);
      return [...seen].flatMap(([version, alike]) => {
        const minor = minorOf(version.replace(/^v/, ""));
        return minor === undefined || minor === server
          ? []
          : [finding(alike, server - minor, serverVersion, commands)];
      });
    });
  },
});

function finding(
  [first, ...more]: readonly Part[],
  behind: number,
  server: string,
  { up }: Commands,
): Finding {
  const { object = "", version = "", show = "" } = first ?? {};
  const minors = Math.abs(behind) === 1 ? "1 minor version" : `${Math.abs(behind)} minor versions`;
  return {
    object: more.length === 0 ? object : `${object} and ${more.length} more`,
    what: `${version} is ${minors} ${behind > 0 ? "behind" : "ahead of"} the API server, ${server}`,
    cause:
      behind < 0
        ? "Kubernetes does not support this order: the API server has to be upgraded first."
        : behind > MAX_BEHIND
          ? `Kubernetes supports at most ${MAX_BEHIND}; nodes and add-ons are upgraded after the API server.`
          : "Nodes and add-ons are upgraded after the API server: that is not finished, or is switched off.",
    fix: [up, show],
  };
}
