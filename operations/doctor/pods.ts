import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

export const called = (kind: string, { metadata }: { metadata?: { name?: string } }): string =>
  `${kind} ${metadata?.name ?? ""}`;

/** Containers of a pod with what the node says of them. */
export const containers = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The container's own entry in the pod's spec. */
export const specOf = ({ spec }: V1Pod, name: string) =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find((container) => container.name === name);

/** Milliseconds since 1970 at which an event was last seen. */
export const seenAt = ({ lastTimestamp, series, eventTime, firstTimestamp }: CoreV1Event): number =>
  Number(new Date(lastTimestamp ?? series?.lastObservedTime ?? eventTime ?? firstTimestamp ?? 0));

/** Warnings of one of the reasons about objects of a kind, the oldest first. */
export const warnings = (
  events: readonly CoreV1Event[],
  reasons: readonly string[],
  kind: string,
): CoreV1Event[] =>
  events
    .filter(
      ({ type, reason = "", involvedObject }) =>
        type === "Warning" && reasons.includes(reason) && involvedObject.kind === kind,
    )
    .sort((a, b) => seenAt(a) - seenAt(b));

/** The last of them about one object. */
export const latest = (
  events: readonly CoreV1Event[],
  reasons: readonly string[],
  kind: string,
  name: string,
): CoreV1Event | undefined =>
  warnings(events, reasons, kind)
    .filter(({ involvedObject }) => involvedObject.name === name)
    .at(-1);

/** The object that an event is about. */
export const about = ({ involvedObject: { kind, name } }: CoreV1Event): string => `${kind} ${name}`;

/** One for each key, the first. */
export function once<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const item of items) if (!seen.has(key(item))) seen.set(key(item), item);
  return [...seen.values()];
}

/** What a pod is a copy of, so that ten of one Deployment are one finding. */
export const family = ({ metadata }: V1Pod): string => {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner === undefined ? (metadata?.name ?? "") : `${owner.kind}/${owner.name}`;
};

export const unfinished = ({ status, metadata }: V1Pod): boolean =>
  metadata?.deletionTimestamp === undefined && !["Succeeded", "Failed"].includes(status?.phase ?? "");
