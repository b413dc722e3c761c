import { z } from "zod";
import { checkUnique } from "../../config/checks";
import { findIf, invalid, notSupported } from "../../config/findings";
import { cron, dnsLabel, dnsSubdomain, promptName, quantity, seconds, timeZone } from "../../config/formats";
import type { Path } from "../../config/path";
import { type AgentChoice, reportsCosts, VARIABLES } from "../../runner/src/contract";
import { agent, config, dollars, hats, maxIterations, maxRuntime } from "./config";
import { prompts } from "./prompts";
import { rule, section } from "./section";
import { checkSource, ownSource, source } from "./source";

/** From the moment when Ralph ends a run to the Job's deadline: the image pull, a checkpoint, the grace period. */
export const DEADLINE_MARGIN_SECONDS = 300;
/** Guide, section 6. */
const JOB_DEADLINE_SECONDS = 14400;
const JOB_RETRIES = 3;

/** One run of an agent: the keys that a task and a schedule share. */
const run = {
  agent: agent.default(VARIABLES.RALPH_AGENT.default).meta({ description: "Agent of this run." }),
  prompt: promptName.meta({ description: "Prompt of this run: a key of the ConfigMap `ralph-prompts`." }),
  maxIterations: maxIterations.optional().meta({ description: "Overrides `config.maxIterations`." }),
  maxRuntime: maxRuntime.optional().meta({
    description: `Seconds after which Ralph ends the run. Defaults to \`config.maxRuntime\`, or to ${DEADLINE_MARGIN_SECONDS} s before the deadline if that is less.`,
  }),
  maxCostUsd: dollars.optional().meta({
    description: "Overrides `config.maxCostUsd`. Claude only: other agents do not report costs.",
  }),
  hats: hats.optional().meta({ description: "Overrides `config.hats`." }),
  source: ownSource,
  output: section({
    size: quantity.default("1Gi").meta({ description: "Size of the claim; it can only grow." }),
    storageClass: dnsSubdomain
      .optional()
      .meta({ description: "Storage class of the claim. Defaults to the cluster's." }),
    existingClaim: dnsSubdomain
      .optional()
      .meta({ description: "Existing claim to use instead of `<name>-output`." }),
  })
    .optional()
    .meta({
      description:
        "Keeps the results in a claim, at `/output`. `{}` takes the defaults; without it they go with the pod.",
    }),
  queue: dnsLabel(63).optional().meta({
    description: "Kueue's queue (LocalQueue) in which the Job waits until the cluster has room for it.",
  }),
  activeDeadlineSeconds: seconds(DEADLINE_MARGIN_SECONDS + 60)
    .default(JOB_DEADLINE_SECONDS)
    .meta({ description: "Seconds after which Kubernetes ends the Job." }),
  backoffLimit: z
    .int32()
    .min(0)
    .default(JOB_RETRIES)
    .meta({ description: "How many times a failed pod is retried." }),
};

export const tasks = z
  .array(
    section({
      name: dnsLabel().meta({ description: "Name of the Job." }),
      ...run,
      revision: z.int32().min(1).optional().meta({
        description:
          "Another number runs the task again, as another agent, prompt or limit of iterations does.",
      }),
    }),
  )
  .default([
    {
      name: "ralph-task",
      agent: "claude",
      prompt: "task.md",
      maxIterations: 50,
      activeDeadlineSeconds: JOB_DEADLINE_SECONDS,
      backoffLimit: JOB_RETRIES,
    },
  ])
  .meta({ description: "One Job each." });

export const schedules = z
  .array(
    section({
      // The controller appends a time of 11 characters to name its Jobs.
      name: dnsLabel(52).meta({ description: "Name of the CronJob." }),
      schedule: cron.meta({ description: "When it runs." }),
      timeZone: timeZone.optional().meta({ description: "Defaults to the controller manager's." }),
      suspend: z.boolean().default(false).meta({ description: "Whether to start no more runs." }),
      ...run,
    }),
  )
  .default([
    {
      name: "ralph-daily",
      schedule: "0 2 * * *",
      // It would pay an agent each night for a prompt that is only an example.
      suspend: true,
      agent: "auto",
      prompt: "daily-task.md",
      activeDeadlineSeconds: JOB_DEADLINE_SECONDS,
      backoffLimit: JOB_RETRIES,
    },
  ])
  .meta({ description: "One CronJob each." });

export type Run = z.output<typeof tasks>[number] | z.output<typeof schedules>[number];

interface Runs {
  readonly tasks: z.output<typeof tasks>;
  readonly schedules: z.output<typeof schedules>;
}

const another = (name: string, i: number): string => `${name}-${i + 1}`;

export const rules = [
  rule({ tasks, schedules, config }, ({ config: { agent: ofWorkers, ...limits }, ...values }) => {
    const limit = (["maxCostUsd", "maxDailyCostUsd"] as const).find((key) => limits[key] !== undefined);
    const ofAll = limit === undefined ? undefined : `config.${limit}`;
    const agents: { agent: AgentChoice; at: Path; limit?: string }[] = [
      { agent: ofWorkers, at: ["config", "agent"], limit: ofAll },
      ...runsOf(values).map(({ run, at }) => ({
        agent: run.agent,
        at: [...at, "agent"],
        limit: run.maxCostUsd === undefined ? ofAll : "its maxCostUsd",
      })),
    ];
    return agents.flatMap(({ agent: chosen, at, limit }) =>
      findIf(limit !== undefined && chosen !== "auto" && !reportsCosts(chosen), () =>
        invalid(at, chosen, `must be an agent that reports its costs while ${limit} is set`, "claude"),
      ),
    );
  }),
  rule({ tasks, schedules, config }, ({ config: { maxRuntime: byDefault }, ...values }) =>
    runsOf(values).flatMap(({ run: { maxRuntime: own, activeDeadlineSeconds }, at }) => {
      const latest = activeDeadlineSeconds - DEADLINE_MARGIN_SECONDS;
      return findIf((own ?? Math.min(byDefault, latest)) > latest, () =>
        invalid(
          [...at, "maxRuntime"],
          own,
          `must be at least ${DEADLINE_MARGIN_SECONDS} s less than activeDeadlineSeconds, ${activeDeadlineSeconds}`,
          String(latest),
        ),
      );
    }),
  ),
  rule({ tasks, schedules, source }, ({ source: all, ...values }) =>
    runsOf(values).flatMap(({ run, at }) =>
      run.source === undefined ? [] : checkSource([...at, "source"], run.source, all),
    ),
  ),
  rule({ tasks, schedules, prompts }, ({ prompts: texts, ...values }) => {
    const names = Object.keys(texts);
    return runsOf(values).flatMap(({ run: { prompt }, at }) =>
      findIf(!names.includes(prompt), () =>
        notSupported([...at, "prompt"], prompt, names.length > 0 ? names : ["<file in prompts/>"]),
      ),
    );
  }),
  rule({ tasks }, (values) => checkUnique(values, "tasks[].name", { another })),
  rule({ schedules }, (values) => checkUnique(values, "schedules[].name", { another })),
  rule({ tasks, schedules }, (values) => {
    const claims = values.tasks.filter(hasOwnClaim).map(({ name }) => name);
    return values.schedules.flatMap((schedule, i) =>
      findIf(hasOwnClaim(schedule) && claims.includes(schedule.name), () =>
        invalid(
          ["schedules", i, "name"],
          schedule.name,
          "must not be a task's name, because both have an output",
          another(schedule.name, i),
        ),
      ),
    );
  }),
];

const hasOwnClaim = ({ output }: Run): boolean => output !== undefined && output.existingClaim === undefined;

export const runsOf = (values: Runs) => [
  ...values.tasks.map((each, i) => ({ run: each, at: ["tasks", i] as Path })),
  ...values.schedules.map((each, i) => ({ run: each, at: ["schedules", i] as Path })),
];

/** The first three names, and how many more there are. */
export function brief(runs: readonly { readonly name: string }[]): string {
  const shown = runs.slice(0, 3).map(({ name }) => name);
  const more = runs.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
