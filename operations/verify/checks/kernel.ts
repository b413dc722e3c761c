import { programPod } from "../probe";
import { kernel } from "../programs";
import { type Check, failed, passed, skipped } from "../types";

/** A node of the pool may have to be added first. */
const PATIENCE_SECONDS = 900;

/** gVisor and Kata both give a pod a kernel of its own, of another version than the node's. */
export const sandboxed: Check = {
  name: "sandbox",
  shows: "a pod of Ralph runs under another kernel than its node",
  runsPods: true,
  async run({ sandbox, workers, nodes, client, traits }) {
    const runtime = traits.scheduling?.runtimeClassName;
    if (runtime === undefined)
      return skipped("the stack has no pool of sandboxes (ralph:cluster.nodePools[].sandbox)");
    const job = await sandbox.start({
      what: "kernel",
      deadline: PATIENCE_SECONDS,
      pod: programPod(workers, { program: kernel }),
    });
    const { release, node } = await sandbox.report<Kernel>(job, PATIENCE_SECONDS);
    const found = nodes.find(({ metadata }) => metadata?.name === node);
    const { status } = found ?? (await client.get<(typeof nodes)[number]>(`/api/v1/nodes/${node}`));
    const own = status?.nodeInfo?.kernelVersion ?? "";
    return release === own
      ? failed(
          `the pod has its node's own kernel ${own}: the runtime class ${runtime} isolates nothing`,
          `kubectl get runtimeclass ${runtime} -o yaml`,
        )
      : passed(`${runtime}: kernel ${release}, and ${own} on its node`);
  },
};

interface Kernel {
  readonly release: string;
  readonly node: string;
}
