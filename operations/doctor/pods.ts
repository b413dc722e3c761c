import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

/** Kind and name of an object, such as `Pod ralph-0`. */
export const objectName = (kind: string, { metadata }: { metadata?: { name?: string } }): string =>
  `${kind} ${metadata?.name ?? ""}`;

/** Status of each container of a pod, init containers first. */
export const containers = ({ status }: V1Pod): V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The container's entry in the pod's spec. */
export const specOf = ({ spec }: V1Pod, name: string) =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find((container) => container.name === name);

/** When an event was last seen, in milliseconds since 1970. */
export const seenAt = ({ lastTimestamp, series, eventTime, firstTimestamp }: CoreV1Event): number =>
  Number(new Date(lastTimestamp ?? series?.lastObservedTime ?? eventTime ?? firstTimestamp ?? 0));

/** Warnings with one of the reasons, about objects of one kind, oldest first. */
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

/** The latest warning with one of the reasons about one object. */
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

/** The first item for each key. */
export function once<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const item of items) if (!seen.has(key(item))) seen.set(key(item), item);
  return [...seen.values()];
}

/** The owner of a pod, so that ten pods of one ReplicaSet are one finding. */
export const family = ({ metadata }: V1Pod): string => {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner === undefined ? (metadata?.name ?? "") : `${owner.kind}/${owner.name}`;
};

export const unfinished = ({ status, metadata }: V1Pod): boolean =>
  metadata?.deletionTimestamp === undefined && !["Succeeded", "Failed"].includes(status?.phase ?? "");
