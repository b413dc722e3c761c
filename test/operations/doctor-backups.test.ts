/** Proves when the doctor reports that a backup is late, and how long each schedule pauses. */
import assert from "node:assert/strict";
import type { V1CronJob } from "@kubernetes/client-node";

import { longestPause } from "../../config/cron";
import { commandsFor } from "../../operations/doctor";
import { backups } from "../../operations/doctor/checks/backups";
import { jobs } from "../../operations/doctor/checks/jobs";
import type { Objects } from "../../operations/doctor/types";

const HOUR = 3_600_000;
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR).toISOString() as unknown as Date;
const cronJob = (status: object, spec: object = {}, app = "ralph-backup"): V1CronJob => ({
  metadata: { name: "ralph-backup", labels: { app }, creationTimestamp: ago(5) },
  spec: { schedule: "0 * * * *", ...spec } as V1CronJob["spec"],
  status,
});
const look = (...cronJobs: V1CronJob[]) =>
  backups.look({ cronJobs } as Partial<Objects> as Objects, commandsFor("ralph", "prod"));

describe("the doctor, of backups", () => {
  it("says nothing while they come, or are suspended, or are another's", () => {
    assert.deepEqual(look(cronJob({ lastSuccessfulTime: ago(1.9) })), []);
    assert.deepEqual(look(cronJob({ lastSuccessfulTime: ago(40) }, { schedule: "@daily" })), []);
    assert.deepEqual(look(cronJob({}, { suspend: true }), cronJob({}, {}, "other")), []);
  });

  it("reports one that is older than twice its interval, and one that never succeeded", () => {
    const [old, never] = look(cronJob({ lastSuccessfulTime: ago(2.1) }), cronJob({}));
    assert.equal(old?.what, "the newest backup that succeeded is 2 h old");
    assert.equal(never?.what, "no backup has succeeded in the 5 h since it exists");
    assert.deepEqual(
      old?.fix[0],
      "kubectl -n ralph create job ralph-backup-again --from=cronjob/ralph-backup",
    );
  });
});

describe("the doctor, of failed Jobs", () => {
  it("leaves out those of backups, which the next one follows", () => {
    const failed = (name: string, app: string) => ({
      metadata: { name, labels: { app } },
      status: {
        conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "." }],
      },
    });
    const found = jobs.look(
      {
        jobs: [failed("ralph-backup-1", "ralph-backup"), failed("ralph-task", "ralph-orchestrator")],
        cronJobs: [],
        pods: [],
      } as Partial<Objects> as Objects,
      commandsFor("ralph", "prod"),
    );
    assert.deepEqual(
      found.map(({ object }) => object),
      ["Job ralph-task"],
    );
  });
});

describe("the longest pause of a schedule", () => {
  for (const [schedule, hours] of [
    ["0 * * * *", 1],
    ["*/20 * * * *", 1 / 3],
    ["@daily", 24],
    ["0 3 * * *", 24],
    ["0 8-18/2 * * *", 14],
    ["15 6 * * mon-fri", 72],
    ["0 0 1 * *", 31 * 24],
    ["0 0 1,15 * 1", 7 * 24],
    ["30 1/6 * * *", 6],
  ] as const)
    it(`of ${schedule} is ${hours} h`, () => {
      assert.equal((longestPause(schedule) ?? 0) / 3600, hours);
    });

  it("is unknown if it never comes", () => {
    assert.equal(longestPause("0 0 30 2 *"), undefined);
  });
});
