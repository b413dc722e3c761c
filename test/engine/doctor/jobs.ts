import { type Case, NAMESPACE, container, job, status, template } from "./case";

/** Tasks and schedules. */
export const JOBS: readonly Case[] = [
  {
    what: "a task that exceeded its deadline",
    objects: [job({ activeDeadlineSeconds: 1 })],
    expected: [
      {
        check: "jobs",
        object: "Job broken",
        what: /DeadlineExceeded/,
        cause: /longer than its deadline/,
        fix: "pulumi config set --path 'ralph:tasks[0].activeDeadlineSeconds' 28800 --stack patient",
      },
    ],
  },
  {
    what: "a task that failed, by the runner's exit code",
    objects: [job({})],
    status: status("Failed", { terminated: { exitCode: 66, reason: "Error" } }),
    expected: [
      {
        check: "jobs",
        object: "Job broken",
        what: /BackoffLimitExceeded: .* Exit code 66/,
        cause: /prompt is missing/,
        fix: `kubectl -n ${NAMESPACE} logs job/broken`,
      },
    ],
  },
  {
    what: "a suspended schedule",
    objects: [
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name: "broken", namespace: NAMESPACE },
        spec: {
          schedule: "0 0 1 1 *",
          suspend: true,
          jobTemplate: {
            spec: { template: template({ restartPolicy: "Never", containers: [container()] }) },
          },
        },
      },
    ],
    expected: [
      {
        check: "jobs",
        object: "CronJob broken",
        what: /suspended/,
        cause: /suspended by hand/,
        fix: `kubectl -n ${NAMESPACE} patch cronjob broken --patch '{"spec":{"suspend":false}}'`,
      },
    ],
  },
];
