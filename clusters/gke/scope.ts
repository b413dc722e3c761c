import * as pulumi from "@pulumi/pulumi";
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
}

export const createScope = (parent: pulumi.Resource, name: string, config: Config): Scope => ({
  ...createClusterScope(parent, name, config),
  project: new pulumi.Config("gcp").require("project"),
  region: regionOf(config.location),
  labels: ownTags(config.tags, labelValue),
});

/** Any text, such as a stack's name, as the value of a label. */
export const labelValue = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
