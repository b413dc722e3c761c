import type { Found } from "../../clusters/operations";
import type { Resource } from "../engine/state";

/** Names by which a cloud's answers may identify a resource. */
const namesOf = ({ id, type, outputs = {} }: Resource): string[] =>
  type.startsWith("kubernetes:")
    ? []
    : [id, outputs.arn, outputs.name, outputs.email, outputs.repositoryId, outputs.id].filter(
        (name): name is string => typeof name === "string",
      );

/** Whether a state has it: by its whole id, or by the end of it: the states of some resources have no more. */
export const isKnown = ({ id, type }: Found, known: readonly Resource[]): boolean =>
  known
    .filter((resource) => type === undefined || resource.type === type)
    .flatMap(namesOf)
    .map(comparable)
    .some((name) => [name, `/${name}`, `:${name}`].some((end) => comparable(id).endsWith(end)));

/** A cloud may spell the same id in different ways: `resourceGroups` and `resourcegroups`. */
export const comparable = (id: string): string => (id.startsWith("/subscriptions/") ? id.toLowerCase() : id);

/** Whether a state had exactly it: the end of an id may be that of something else, too. */
export const wasKnown = ({ id, type }: Found, had: readonly Resource[]): boolean =>
  had
    .filter((resource) => (type === undefined ? /[/:@]/.test(id) : resource.type === type))
    .flatMap(namesOf)
    .some((name) => comparable(name) === comparable(id));
