/** Agents of network plugins that enforce NetworkPolicy objects, whichever cloud or operator installs them. */
const AGENTS =
  /^(cilium|anetd|calico-node|canal|azure-npm|antrea-agent|kube-router|weave-net|ovnkube-node|kindnet|kube-network-policies)$/;
/** The AWS VPC CNI enforces them in a container of its own, if that is enabled. */
const AWS_NODE = {
  daemonSet: "aws-node",
  container: "aws-eks-nodeagent",
  flag: "--enable-network-policy=true",
};

/** As much of a DaemonSet as tells what it does. */
interface DaemonSet {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly template: {
      readonly spec?: { readonly containers: readonly { readonly name: string; readonly args?: string[] }[] };
    };
  };
}

/** Whether a DaemonSet of kube-system enforces NetworkPolicy objects. */
export function enforcesPolicies({ metadata, spec }: DaemonSet): boolean {
  const containers = spec?.template.spec?.containers ?? [];
  return (
    AGENTS.test(metadata?.name ?? "") ||
    (metadata?.name === AWS_NODE.daemonSet &&
      containers.some(({ name, args = [] }) => name === AWS_NODE.container && args.includes(AWS_NODE.flag)))
  );
}
