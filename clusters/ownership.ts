import { PROJECT } from "../lib/repository";

/** Tags, or labels, of something in a cloud. */
export type Tags = Readonly<Record<string, string>>;

/** Whose something is: this stack's, another's, or its tags do not tell. */
export type Owner = "stack" | "other" | "unknown";

/**
 * Whose something with these tags is. Nothing but tags decides that: names are the same for all who use the defaults.
 *
 * @param stack the stack's name as its cloud spells it in a tag
 */
export function ownerOf(tags: Tags | null | undefined, stack: string, project: string = PROJECT): Owner {
  if (tags?.project === undefined && tags?.stack === undefined) return "unknown";
  return tags.project === project && tags.stack === stack ? "stack" : "other";
}

/** The owner that tags name, for people. */
export const ownerText = (tags: Tags | null | undefined): string =>
  tags?.project === undefined && tags?.stack === undefined
    ? "it has no tags of a stack"
    : `its tags are project=${tags.project ?? ""} and stack=${tags.stack ?? ""}`;

/** Tags as text, for what has a description only. */
export const tagsAsText = ({ project, stack }: Tags): string => `project=${project} stack=${stack}`;

/** The tags in such a text. */
export function tagsInText(text: string | undefined): Tags {
  const [, project, stack] = /(?:^|\s)project=(\S+) stack=(\S+)/.exec(text ?? "") ?? [];
  return project === undefined || stack === undefined ? {} : { project, stack };
}

/**
 * The tag of what outlives a stack, with the stack's name. It has none of the own tags: `leaks` and `reap` do not find it,
 * and no command deletes it.
 */
export const KEPT_TAG = "copies-of";
