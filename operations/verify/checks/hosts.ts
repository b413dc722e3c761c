import { isPattern, matchesHost } from "../../../lib/host-pattern";
import { APP_LABELS, HOST_POLICY, HOST_POLICY_KINDS } from "../../../workload/names";
import { type ClusterClient, unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { connect } from "../programs";
import { type Check, skipped } from "../types";
import { type Connections, judge } from "./network";

const PATIENCE_SECONDS = 600;
const TRIES = "3";
/** Hosts that answer on 443 and that no agent needs. */
const OTHERS = ["www.iana.org", "www.ietf.org", "www.w3.org"];

/** The two kinds of policies, as workload/resources/hostpolicy.ts writes them. */
interface HostPolicy {
  readonly spec: {
    readonly egress: readonly {
      readonly matches?: readonly { readonly name?: string; readonly pattern?: string }[];
      readonly toFQDNs?: readonly { readonly matchName?: string; readonly matchPattern?: string }[];
    }[];
  };
}
const COLLECTIONS = Object.entries(HOST_POLICY_KINDS).map(([kind, apiVersion]) => ({
  apiVersion,
  plural: kind.toLowerCase().replace(/y$/, "ies"),
}));

/** As for the network policy: a second pod, which no policy selects, shows that an unlisted host would answer. */
export const hosts: Check = {
  name: "hosts",
  shows: "a pod of Ralph reaches a listed host, and none that is not listed",
  runsPods: true,
  async run({ client, stack, namespace, sandbox, workers, reach }) {
    const listed = await listedHosts(client, namespace);
    if (listed === undefined) return skipped("the stack lists no hosts (ralph:networkPolicy.hosts)");
    const { wanted, other } = chooseHosts(listed, reach.replace(/:\d+$/, ""));
    if (wanted === undefined || other === undefined)
      return skipped(
        "every host is listed by a pattern, so none is known that answers",
        `./ralphctl verify --stack ${stack} --only hosts --reach <a listed host>:443`,
      );
    const targets = [wanted, other].map((host) => ({ name: host, host, port: 443 }));
    const from = (what: string, labels: Readonly<Record<string, string>>) =>
      sandbox.start({
        what,
        labels,
        deadline: PATIENCE_SECONDS,
        pod: programPod(workers, {
          program: connect,
          env: { TARGETS: JSON.stringify(targets), TRIES },
        }),
      });
    const jobs = [await from("hosts", APP_LABELS), await from("hosts-control", {})];
    const [ralph, control] = await Promise.all(
      jobs.map((job) => sandbox.report<{ connections: Connections }>(job, PATIENCE_SECONDS)),
    );
    return judge({
      wanted,
      forbidden: [other],
      ralph: ralph?.connections ?? {},
      control: control?.connections ?? {},
    });
  },
};

async function listedHosts(client: ClusterClient, namespace: string): Promise<string[] | undefined> {
  for (const { apiVersion, plural } of COLLECTIONS) {
    const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${HOST_POLICY}`;
    const policy = await unlessAbsent(client.get<HostPolicy>(path));
    if (policy !== undefined)
      return policy.spec.egress.flatMap(({ matches = [], toFQDNs = [] }) => [
        ...matches.map(({ name, pattern }) => name ?? pattern ?? ""),
        ...toFQDNs.map(({ matchName, matchPattern }) => matchName ?? matchPattern ?? ""),
      ]);
  }
  return undefined;
}

/** A listed host that can be asked for, and one that is not listed. @param reach preferred, if it is listed */
export function chooseHosts(
  listed: readonly string[],
  reach: string,
): { readonly wanted: string | undefined; readonly other: string | undefined } {
  const isListed = (host: string): boolean => listed.some((each) => matchesHost(each, host));
  return {
    wanted: isListed(reach) ? reach : listed.find((host) => !isPattern(host)),
    other: OTHERS.find((host) => !isListed(host)),
  };
}
