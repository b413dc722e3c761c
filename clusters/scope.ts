import * as pulumi from "@pulumi/pulumi";
import { ownerOf, type Tags } from "./ownership";

/** What all resources of a cluster share. */
export interface Scope<Config> {
  /** Prefix of the logical names. */
  readonly name: string;
  readonly config: Config;
  /** Options of a resource: its parent is the cluster. */
  readonly options: (more?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;
}

/** The scope of a cluster, which each cloud extends by what its resources need. */
export const createScope = <Config>(
  parent: pulumi.Resource,
  name: string,
  config: Config,
): Scope<Config> => ({ name, config, options: (more = {}) => ({ parent, ...more }) });

/** Tags that the program sets on every resource; the user's own must not replace them. */
export const OWN_TAGS = ["project", "stack"] as const;

/**
 * Tags of every resource that can carry them: the user's, and those by which `leaks` finds what a stack has left.
 *
 * @param spell how a cloud writes a project's or a stack's name in a tag
 */
export const ownTags = (
  tags: Readonly<Record<string, string>>,
  spell: (name: string) => string = (name) => name,
): Record<string, string> => ({
  ...tags,
  project: spell(pulumi.getProject()),
  stack: spell(pulumi.getStack()),
});

/** Whether a resource with these tags is this stack's, on a cloud that writes names as they are. */
export const hasOwnTags = (tags: Tags | undefined): boolean =>
  ownerOf(tags, pulumi.getStack(), pulumi.getProject()) === "stack";
