import * as pulumi from "@pulumi/pulumi";
import { tagsAsText } from "../ownership";
import { createScope as createClusterScope, ownTags, type Scope as ClusterScope } from "../scope";
import type { Config } from "./config";
import { regionOf } from "./location";

/** What all resources of the cluster share. */
export interface Scope extends ClusterScope<Config> {
  /** Id of the Google Cloud project. */
  readonly project: string;
  readonly region: string;
  /** Labels of every resource that supports labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Says whose a resource is that supports no labels. */
  readonly description: string;
}

export function createScope(parent: pulumi.Resource, name: string, config: Config): Scope {
  const labels = ownTags(config.tags, labelValue);
  return {
    ...createClusterScope(parent, name, config),
    project: new pulumi.Config("gcp").require("project"),
    region: regionOf(config.location),
    labels,
    description: tagsAsText(labels),
  };
}

/** Any text, such as a stack's name, as the value of a label. */
export const labelValue = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
