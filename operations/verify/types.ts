import type { V1Deployment, V1Node } from "@kubernetes/client-node";

import type { Place } from "../../clusters/operations";
import type { ClusterTraits } from "../../clusters/types";
import type { ClusterClient } from "../cluster/client";
import type { Sandbox } from "./sandbox";

export type Outcome = "passed" | "failed" | "skipped";

/** What a check found. */
export interface Result {
  readonly outcome: Outcome;
  /** What was observed, or why nothing was. No value of a Secret, and no log of a container. */
  readonly detail: string;
  /** Commands that fix it or show more. Of a skipped check: what makes it possible; none if the stack has no such thing. */
  readonly next: readonly string[];
}

export const passed = (detail: string): Result => ({ outcome: "passed", detail, next: [] });
export const failed = (detail: string, ...next: readonly string[]): Result => ({
  outcome: "failed",
  detail,
  next,
});
export const skipped = (detail: string, ...next: readonly string[]): Result => ({
  outcome: "skipped",
  detail,
  next,
});

/** What the checks work with. */
export interface Context {
  readonly client: ClusterClient;
  readonly stack: string;
  readonly namespace: string;
  readonly place: Place;
  readonly traits: ClusterTraits;
  readonly nodes: readonly V1Node[];
  /** The workers: their template has the image, the account and the scheduling of every pod of Ralph. */
  readonly workers: V1Deployment;
  /** Creates what a check needs, and deletes it at the end of the run. */
  readonly sandbox: Sandbox;
  /** Host and port on the internet that Ralph's pods must reach. */
  readonly reach: string;
  /** Whether a node may be added, which costs money. */
  readonly scaleUp: boolean;
}

/** One thing to try on the cluster. */
export interface Check {
  /** Its name in the report and for `--only`. */
  readonly name: string;
  /** What a pass shows, for people. */
  readonly shows: string;
  /** Whether it needs containers that really run. */
  readonly runsPods: boolean;
  readonly run: (context: Context) => Promise<Result>;
}
