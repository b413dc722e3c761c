import { findIf, forbidden } from "../../../config/findings";
import { labels, stringMap } from "../../../config/formats";
import type { Path } from "../../../config/path";
import { APP_LABELS, COMPONENT_LABEL } from "../../names";
import { rule } from "../section";

export const commonLabels = labels
  .default({})
  .meta({ description: "Labels of every object in the namespace, such as a cost centre." });

export const podLabels = labels
  .default({})
  .meta({ description: "Labels of every Ralph pod, such as `azure.workload.identity/use`." });

export const podAnnotations = stringMap
  .default({})
  .meta({ description: "Annotations of every Ralph pod, such as those of a service mesh." });

/** Selectors and the ownership of objects depend on these. */
const OUR_LABELS = new Set([
  ...Object.keys(APP_LABELS),
  COMPONENT_LABEL,
  "app.kubernetes.io/name",
  "ralph-orchestrator/stack",
]);
const OUR_ANNOTATIONS = /^(checksum\/|pulumi\.com\/)/;

const taken = (at: Path, values: object, isOurs: (key: string) => boolean) =>
  Object.keys(values).flatMap((key) =>
    findIf(isOurs(key), () =>
      forbidden([...at, key], "this program sets it, and selects or restarts pods by it"),
    ),
  );

export const rules = [
  rule({ commonLabels, podLabels, podAnnotations }, (config) => [
    ...taken(["commonLabels"], config.commonLabels, (key) => OUR_LABELS.has(key)),
    ...taken(["podLabels"], config.podLabels, (key) => OUR_LABELS.has(key)),
    ...taken(["podAnnotations"], config.podAnnotations, (key) => OUR_ANNOTATIONS.test(key)),
  ]),
];
