/**
 * Proves that docs/production.md says how much room the pods of a stack ask for, with everything that a key turns on, as
 * the manifests and the values of the charts do. What the cloud's own pods ask for, only a cluster shows.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseQuantity } from "../../config/quantity";
import { block, table } from "../support/markdown";
import type { StackConfig, StackRun } from "../support/stack";
import { changed, defaults, KIND, podOf } from "../support/workload";

interface Room {
  readonly pods: number;
  /** Millicores. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
}
interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
}

const NONE: Room = { pods: 0, cpu: 0, memory: 0 };
const sum = (rooms: readonly Room[], sign = 1): Room =>
  rooms.reduce(
    (all, { pods, cpu, memory }) => ({
      pods: all.pods + sign * pods,
      cpu: all.cpu + sign * cpu,
      memory: all.memory + sign * memory,
    }),
    NONE,
  );
const asked = ({ requests = {} }: Resources = {}): Room => ({
  pods: 0,
  cpu: (parseQuantity(requests.cpu ?? "0") ?? 0) * 1000,
  memory: (parseQuantity(requests.memory ?? "0") ?? 0) / 2 ** 20,
});

/** One pod of each Deployment, Job and CronJob; containers that only prepare it ask for no more than those after them. */
const ofPods = (run: StackRun): Room[] =>
  [KIND.deployment, KIND.job, KIND.cronJob].flatMap((kind) =>
    run.ofType(kind).map((each) => {
      const { containers, initContainers = [] } = podOf(each).spec as {
        containers: { resources: Resources }[];
        initContainers?: { resources: Resources; restartPolicy?: string }[];
      };
      const running = [
        ...containers,
        ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"),
      ];
      return { ...sum(running.map(({ resources }) => asked(resources))), pods: 1 };
    }),
  );

/** What the values of charts ask for, at any depth; a chart's own pods that they do not name ask for nothing. */
function ofValues(value: unknown): Room[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]): Room[] =>
    // A claim's request is no memory.
    key === "resources" && !("storage" in ((inner as Resources).requests ?? {}))
      ? [{ ...asked(inner as Resources), pods: 1 }]
      : ofValues(inner),
  );
}
const roomOf = (run: StackRun): Room =>
  sum([
    ...ofPods(run),
    ...run.ofType("kubernetes:helm.sh/v4:Chart").flatMap(({ inputs }) => ofValues(inputs.values)),
  ]);

const PAGE = {
  ingress: {
    enabled: true,
    hosts: [{ host: "ralph.example.com" }],
    tls: [{ secretName: "ralph-tls", hosts: ["ralph.example.com"] }],
  },
};
const LOGIN = {
  ...PAGE,
  login: {
    ...{ enabled: true, issuer: "https://id.example.com", clientId: "ralph", clientSecret: "x" },
    emailDomains: ["example.com"],
  },
};
const SOURCE = {
  source: { repository: "https://github.com/owner/name.git" },
  git: { token: "github_pat_0" },
};
const BACKUP = { backup: { enabled: true, snapshotClass: "csi" } };
const MONITORING = { monitoring: { install: "kube-prometheus-stack" } };

/** Each key with what it adds. */
const CASES: [what: string, config: StackConfig][] = [
  ["`source`: the container `git` in each of the three", SOURCE],
  ["`login`", LOGIN],
  ["`backup`, for minutes in each hour", BACKUP],
  ["`monitoring.install`: Prometheus alone asks for room", MONITORING],
];

describe("docs/production.md", () => {
  it("says how much room the pods ask for", async () => {
    const before = await defaults();
    const worker = ofPods(before)[0] ?? assert.fail();
    const rows: [string, Room][] = [
      ["a worker, a task, a run of a schedule: each", worker],
      ["by default: a worker, a task, a run of the schedule", roomOf(before)],
    ];
    for (const [what, config] of CASES)
      rows.push([what, sum([roomOf(await changed(config)), sum([roomOf(before)], -1)])]);
    const everything = await changed({ ...SOURCE, ...LOGIN, ...BACKUP, ...MONITORING });
    rows.push(["all of these at once", roomOf(everything)]);
    const expected = await table(
      ["what", "pods", "CPU", "memory"],
      rows.map(([what, { pods, cpu, memory }]) => [what, String(pods), `${cpu}m`, `${memory}Mi`]),
    );
    assert.equal(block(readFileSync("docs/production.md", "utf8"), "room"), expected);
  });
});
