import type { V1ConfigMap } from "@kubernetes/client-node";

import { operationsOf } from "../../../clusters/operations";
import { APP_LABELS, CONFIG_MAP } from "../../../workload/names";
import { unlessAbsent } from "../../cluster/client";
import { programPod } from "../probe";
import { credentials } from "../programs";
import { type Check, failed, passed, skipped } from "../types";

/** A new grant may take minutes, and an association applies to new pods only. */
const PATIENCE_SECONDS = 300;

/** A pod with the account, the labels and the network of Ralph's asks its cloud for credentials, and drops them. */
export const identity: Check = {
  name: "identity",
  shows: "a pod of Ralph gets credentials from its cloud, without a key",
  runsPods: true,
  async run({ client, namespace, place, sandbox, workers, traits: { podIdentity } }) {
    const operations = operationsOf(place.cloud);
    const path = `/api/v1/namespaces/${namespace}/configmaps/${CONFIG_MAP}`;
    const { data = {} } = (await unlessAbsent(client.get<V1ConfigMap>(path))) ?? {};
    const ways = operations.ownsCluster ? operations.podCredentials : undefined;
    if (podIdentity === undefined || ways?.usedBy.some((name) => name in data) !== true)
      return skipped("no model of the stack needs an identity of the cluster's cloud (ralph:models)");
    const job = await sandbox.start({
      what: "identity",
      labels: { ...APP_LABELS, ...podIdentity.podLabels },
      deadline: PATIENCE_SECONDS,
      pod: programPod(workers, { program: credentials(ways), asRalph: true }),
    });
    const { seconds, problem } = await sandbox.report<Credentials>(job, PATIENCE_SECONDS);
    return problem === undefined
      ? passed(`credentials for ${Math.round((seconds ?? 0) / 60)} min`)
      : failed(problem, "pulumi up --refresh", `kubectl -n ${namespace} rollout restart deployment`);
  },
};

export interface Credentials {
  /** How long they are valid. */
  readonly seconds?: number;
  /** Why there are none. */
  readonly problem?: string;
}
