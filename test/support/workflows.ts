import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

import { REPOSITORY } from "../../lib/repository";

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress": boolean | string;
}

export interface Job {
  readonly steps: readonly Step[];
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly concurrency?: Concurrency;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
}

/** A workflow, or a composite action, whose steps then stand as one job. */
export interface Workflow {
  readonly name: string;
  readonly text: string;
  readonly triggers: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
  readonly composite: boolean;
}

/** The content of a file. */
type Source = Partial<Pick<Workflow, "permissions" | "concurrency" | "jobs">> & {
  readonly on?: Workflow["triggers"];
  readonly runs?: Job;
};

const GITHUB = join(REPOSITORY, ".github");

export function readWorkflow(name: string, text: string): Workflow {
  const { on = {}, runs, jobs, permissions, concurrency } = parse(text) as Source;
  return {
    name,
    text,
    triggers: on,
    permissions,
    concurrency,
    jobs: jobs ?? (runs === undefined ? {} : { steps: runs }),
    composite: runs !== undefined,
  };
}

/** Every workflow and composite action of the repository. */
export const workflows = (): Workflow[] => [
  ...readdirSync(join(GITHUB, "workflows")).map((file) =>
    readWorkflow(file, readFileSync(join(GITHUB, "workflows", file), "utf8")),
  ),
  ...readdirSync(join(GITHUB, "actions")).map((folder) =>
    readWorkflow(`actions/${folder}`, readFileSync(join(GITHUB, "actions", folder, "action.yml"), "utf8")),
  ),
];
