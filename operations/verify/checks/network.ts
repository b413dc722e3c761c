import type { V1EndpointSlice, V1NetworkPolicy, V1Service } from "@kubernetes/client-node";

import { APP_LABELS, NETWORK_POLICY } from "../../../workload/names";
import { unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { connect, listen } from "../programs";
import { type Check, type Context, failed, passed, type Result, skipped } from "../types";

const PATIENCE_SECONDS = 600;
const PORT = 8099;
const TRIES = "3";
/** Where every cloud's metadata server answers. */
const METADATA = { name: "the metadata server", host: "169.254.169.254", port: 80 };

interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** What became of each connection: `open`, or the code of its error. */
export type Connections = Readonly<Record<string, string>>;

/**
 * An experiment with a control: two pods try the same connections, and only one of them has the label that the policy
 * selects. What the other one cannot reach either proves nothing about the policy.
 */
export const network: Check = {
  name: "network policy",
  shows:
    "a pod of Ralph reaches DNS and HTTPS on the internet, and no private address, metadata or API server",
  runsPods: true,
  async run(context) {
    const { client, namespace, sandbox, workers, reach } = context;
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${NETWORK_POLICY}`;
    if ((await unlessAbsent(client.get<V1NetworkPolicy>(path))) === undefined)
      return skipped("the stack has no network policy (ralph:networkPolicy.enabled)");
    const listener = await sandbox.start({
      what: "listener",
      deadline: PATIENCE_SECONDS,
      pod: programPod(workers, { program: listen, env: { PORT: String(PORT) } }),
    });
    const address = await sandbox.until(listener, "the start of the pod", PATIENCE_SECONDS, ({ status }) =>
      status?.containerStatuses?.[0]?.state?.running === undefined ? undefined : status.podIP,
    );
    const forbidden: Target[] = [
      { name: "another pod", host: address, port: PORT },
      METADATA,
      ...(await apiServers(context)),
    ];
    const [host = "", port = "443"] = reach.split(/:(?=\d+$)/);
    const wanted: Target = { name: reach, host, port: Number(port) };
    const env = { TARGETS: JSON.stringify([wanted, ...forbidden]), TRIES };
    const from = (what: string, labels: Readonly<Record<string, string>>) =>
      sandbox.start({
        what,
        labels,
        deadline: PATIENCE_SECONDS,
        pod: programPod(workers, { program: connect, env }),
      });
    const jobs = [await from("connect", APP_LABELS), await from("control", {})];
    const [ralph, control] = await Promise.all(
      jobs.map((job) => sandbox.report<{ connections: Connections }>(job, PATIENCE_SECONDS)),
    );
    return judge({
      wanted: wanted.name,
      forbidden: forbidden.map(({ name }) => name),
      ralph: ralph?.connections ?? {},
      control: control?.connections ?? {},
    });
  },
};

/** The server by the address of its Service, and by those behind it. */
async function apiServers({ client }: Context): Promise<Target[]> {
  const selector = encodeURIComponent("kubernetes.io/service-name=kubernetes");
  const [service, slices] = await Promise.all([
    client.get<V1Service>("/api/v1/namespaces/default/services/kubernetes"),
    client.list<V1EndpointSlice>(
      `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=${selector}`,
    ),
  ]);
  const behind = slices.flatMap(({ endpoints, ports }) =>
    (endpoints ?? []).flatMap(({ addresses }) =>
      addresses.map((host) => ({
        name: "the API server's own address",
        host,
        port: ports?.[0]?.port ?? 443,
      })),
    ),
  );
  return [{ name: "the API server", host: service.spec?.clusterIP ?? "", port: 443 }, ...behind.slice(0, 1)];
}

export interface Experiment {
  readonly wanted: string;
  readonly forbidden: readonly string[];
  /** From a pod that the policy selects. */
  readonly ralph: Connections;
  /** From a pod that no policy of the program selects. */
  readonly control: Connections;
}

const NO_NAME = ["ENOTFOUND", "EAI_AGAIN"];

export function judge({ wanted, forbidden, ralph, control }: Experiment): Result {
  const policy = "kubectl get daemonsets -n kube-system";
  const open = forbidden.filter((name) => ralph[name] === "open");
  if (open.length > 0)
    return failed(
      `a pod of Ralph reaches ${open.join(", ")}: the network policy is not enforced, or allows it`,
      policy,
    );
  const got = ralph[wanted] ?? "";
  if (got !== "open") {
    const others = control[wanted] ?? "";
    const what = NO_NAME.includes(got)
      ? `does not resolve the name of ${wanted}`
      : `does not reach ${wanted}`;
    return others === "open"
      ? failed(`a pod of Ralph ${what} (${got}), and another pod does: the policy blocks it`, policy)
      : failed(`a pod ${what} (${got}), with or without the policy: check DNS, NAT and the firewall`);
  }
  const shown = forbidden.filter((name) => control[name] === "open");
  if (shown.length === 0)
    return failed(
      `${wanted} is reached and nothing else, but without the policy nothing else is reached either: this shows nothing`,
      policy,
    );
  const rest = forbidden.filter((name) => !shown.includes(name));
  return passed(
    `${wanted} is reached; blocked by the policy: ${shown.join(", ")}` +
      (rest.length === 0 ? "" : `; reached by no pod: ${rest.join(", ")}`),
  );
}
