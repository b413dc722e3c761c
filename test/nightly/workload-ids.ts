import { everything, type Live } from "../engine/support/kubectl";

/** The UID of every object of a workload that no controller has created, by kind and name. */
export const workloadIds = async (namespace: string): Promise<Map<string, string>> =>
  new Map(
    (await everything(namespace))
      .filter(
        ({ kind, metadata: { labels, ownerReferences } }) =>
          labels?.app === "ralph-orchestrator" && ownerReferences === undefined && kind !== "Endpoints",
      )
      .map(({ kind, metadata: { name, uid } }: Live) => [`${kind} ${name}`, uid]),
  );
