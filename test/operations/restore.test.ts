/**
 * Proves `./ralphctl restore` against a stand-in of the API server: what it lists, which claim and pod it creates, that a drill
 * and a failure leave nothing, that a restore stops the workers last and names the commands, and what it refuses. That a
 * volume comes back is in test/nightly/snapshots.test.ts.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { restoreExitCode } from "../../cli/exit-codes";
import { restoreText } from "../../cli/reports/restore";
import { restore } from "../../operations/restore";
import type { ManifestReport } from "../../runner/src/contract";

const SNAPSHOTS = "/apis/snapshot.storage.k8s.io/v1/namespaces/ralph/volumesnapshots";
const CLAIMS = "/api/v1/namespaces/ralph/persistentvolumeclaims";
const WORKERS = "/apis/apps/v1/namespaces/ralph/deployments/ralph-orchestrator";
const JOBS = "/apis/batch/v1/namespaces/ralph/jobs";
const GOOD: ManifestReport = { files: 120, bytes: 3_400_000, changed: 2, damaged: 0, names: [] };

const snapshot = (time: string, more: object = {}) => ({
  metadata: {
    name: `ralph-workspace-snapshot-20261130-${time}`,
    creationTimestamp: `2026-11-30T${time.slice(0, 2)}:00:00Z`,
    labels: { app: "ralph-backup", "ralph-orchestrator/backup": "snapshot" },
    annotations: {
      "ralph-orchestrator/manifest": "abc",
      "ralph-orchestrator/storage-class": "standard",
      "ralph-orchestrator/access-mode": "ReadWriteOnce",
      "ralph-orchestrator/size": "10Gi",
    },
  },
  spec: { source: { persistentVolumeClaimName: "ralph-workspace" } },
  // As of a driver that reports no size.
  status: { readyToUse: true },
  ...more,
});
const NEWEST = "ralph-workspace-snapshot-20261130-200000";

describe("ralphctl restore", () => {
  let server: Server;
  let folder: string;
  let file: string;
  /** What the server has, by path. */
  let objects: Map<string, unknown>;
  let calls: { method: string; path: string; body?: { spec?: Record<string, unknown> } }[];
  let report: ManifestReport;
  let exitCode: number;

  before(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        const { method = "", url = "" } = request;
        const [path = "", query] = url.split("?");
        const end = (code: number, value: object): void => {
          response.writeHead(code).end(JSON.stringify(value));
        };
        if (method !== "GET")
          calls.push({ method, path, ...(text === "" ? {} : { body: JSON.parse(text) as object }) });
        if (path === "/version") return end(200, {});
        if (method === "POST") {
          const created = JSON.parse(text) as { metadata: { name: string } };
          objects.set(`${path}/${created.metadata.name}`, created);
          return end(201, { ...created, metadata: { ...created.metadata, uid: "u" } });
        }
        if (method === "PATCH") return end(200, {});
        if (method === "DELETE") return objects.delete(path) ? end(200, {}) : end(404, {});
        if (path.endsWith("/pods")) return end(200, { items: [pod()] });
        if (query !== undefined && path !== SNAPSHOTS) return end(200, { items: [] });
        const found = objects.get(path);
        return found === undefined ? end(404, { message: "not found" }) : end(200, found as object);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    folder = mkdtempSync(join(tmpdir(), "ralph-restore-"));
    file = join(folder, "kubeconfig");
    const { port } = server.address() as AddressInfo;
    writeFileSync(
      file,
      JSON.stringify({
        "current-context": "here",
        contexts: [{ name: "here", context: { cluster: "c", user: "u", namespace: "ralph" } }],
        clusters: [
          { name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
        ],
        users: [{ name: "u", user: {} }],
      }),
    );
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    calls = [];
    report = GOOD;
    exitCode = 0;
    objects = new Map<string, unknown>([
      [SNAPSHOTS, { items: [snapshot("190000"), snapshot("200000"), snapshot("210000", { status: {} })] }],
      [
        WORKERS,
        {
          spec: {
            replicas: 3,
            template: {
              spec: {
                securityContext: { runAsUser: 1000 },
                containers: [{ name: "ralph", image: "i@sha256:1" }],
              },
            },
          },
        },
      ],
    ]);
  });
  const pod = () => ({
    status: {
      containerStatuses: [
        {
          state: {
            terminated: { exitCode, message: JSON.stringify(report), startedAt: "2026-11-30T21:00:09Z" },
          },
        },
      ],
    },
  });
  const run = (options: { from?: string; drill?: boolean } = {}) =>
    restore({ file, stack: "prod", drill: false, say: () => undefined, interval: 5, ...options });
  const made = (method: string) => calls.filter((call) => call.method === method).map(({ path }) => path);

  it("lists the snapshots, newest first, and changes nothing", async () => {
    const all = await run();
    assert.deepEqual(
      all.snapshots.map(({ name, ready }) => [name.slice(-6), ready]),
      [
        ["210000", false],
        ["200000", true],
        ["190000", true],
      ],
    );
    assert.match(restoreText(all), /snapshot-20261130-200000 {2}snapshot {2}2026-11-30T20:00:00Z {2}ready/);
    assert.deepEqual([calls, restoreExitCode(all)], [[], 0]);
  });

  it("tries the newest one that is ready in a drill, and leaves nothing", async () => {
    const done = await run({ drill: true });
    const [job, claim] = calls.filter(({ method }) => method === "POST");
    assert.deepEqual(claim?.body?.spec, {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      resources: { requests: { storage: "10Gi" } },
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: NEWEST },
    });
    const { template } = job?.body?.spec as { template: { metadata: { labels: object }; spec: Pod } };
    const [container] = template.spec.containers;
    assert.deepEqual(
      { image: container?.image, args: container?.args, command: container?.command },
      { image: "i@sha256:1", args: ["backup", "check"], command: undefined },
    );
    assert.deepEqual(
      container?.env.filter(({ value }) => value !== undefined),
      [
        { name: "RALPH_BACKUP_KIND", value: "snapshot" },
        { name: "RALPH_BACKUP_MANIFEST", value: "abc" },
      ],
    );
    assert.equal((template.metadata.labels as Record<string, string>).app, "ralph-backup");
    assert.equal(template.spec.automountServiceAccountToken, false);
    assert.deepEqual(
      [...objects.keys()].filter((path) => path.startsWith(CLAIMS) || path.startsWith(JOBS)),
      [],
    );
    assert.deepEqual(made("PATCH"), []);
    assert.equal(done.restored?.claim, undefined);
    assert.match(restoreText(done), /120 files \(3 MB\) compared: 118 equal, 2 changed .*, 0 damaged\./);
    assert.equal(restoreExitCode(done), 0);
  });

  it("restores one to a claim of its name, stops the workers last, and names the commands; again, it finds the claim", async () => {
    for (const creates of [[JOBS], []]) {
      calls = [];
      const done = await run({ from: NEWEST });
      assert.deepEqual(made("POST").includes(CLAIMS), creates.length > 0);
      assert.ok(objects.has(`${CLAIMS}/${NEWEST}`));
      assert.deepEqual(calls.at(-1), { method: "PATCH", path: WORKERS, body: { spec: { replicas: 0 } } });
      assert.deepEqual(done.restored?.next, [
        `pulumi config set --path ralph:persistence.workspace.existingClaim ${NEWEST} --stack prod`,
        "pulumi up --stack prod",
        "kubectl -n ralph scale deployment ralph-orchestrator --replicas=3",
      ]);
      assert.deepEqual(
        [...objects.keys()].filter((path) => path.startsWith(JOBS)),
        [],
      );
    }
  });

  it("takes the class and the larger size of the claim that exists", async () => {
    objects.set(`${CLAIMS}/ralph-workspace`, {
      spec: { accessModes: ["ReadWriteMany"], storageClassName: "shared" },
      status: { capacity: { storage: "20Gi" } },
    });
    await run({ drill: true });
    const { accessModes, storageClassName, resources } = calls.filter(({ method }) => method === "POST")[1]
      ?.body?.spec as Record<string, unknown>;
    assert.deepEqual(
      [accessModes, storageClassName, resources],
      [["ReadWriteMany"], "shared", { requests: { storage: "20Gi" } }],
    );
  });

  it("restores nothing from a snapshot with damaged files, and names them", async () => {
    report = { ...GOOD, damaged: 1, names: ["a/b.txt"] };
    const done = await run({ from: NEWEST });
    assert.deepEqual([done.restored?.claim, made("PATCH"), restoreExitCode(done)], [undefined, [], 2]);
    assert.ok(!objects.has(`${CLAIMS}/${NEWEST}`));
    assert.match(restoreText(done), /damaged: a\/b\.txt\nNothing was restored from it: try an older one\./);
  });

  it("deletes the claim and stops no worker if the pod fails", async () => {
    exitCode = 70;
    await assert.rejects(run({ from: NEWEST }), /was not restored: its program ended with 70/);
    assert.ok(!objects.has(`${CLAIMS}/${NEWEST}`));
    assert.deepEqual(made("PATCH"), []);
  });

  it("tells that files could not be compared", async () => {
    report = { ...GOOD, files: 0, changed: 0, error: "the volume has no .runner/backup/snapshot" };
    const done = await run({ drill: true });
    assert.match(restoreText(done), /could not be compared: the volume has no/);
    assert.equal(restoreExitCode(done), 3);
  });

  for (const [what, prepare, options, message] of [
    [
      "a snapshot that does not exist",
      () => undefined,
      { from: "x" },
      /--from x: there is no such snapshot; ready are: ralph/,
    ],
    [
      "a snapshot that is not ready",
      () => undefined,
      { from: NEWEST.replace("200000", "210000") },
      /210000: the snapshot is not ready: kubectl -n ralph describe volumesnapshot/,
    ],
    [
      "no snapshot at all",
      () => objects.set(SNAPSHOTS, { items: [] }),
      { drill: true },
      /has no snapshot that is ready/,
    ],
    ["a cluster without snapshots", () => objects.delete(SNAPSHOTS), {}, /knows no kind VolumeSnapshot/],
    [
      "a namespace without workers",
      () => objects.delete(WORKERS),
      { drill: true },
      /has no Deployment .*pulumi up --stack prod/,
    ],
    [
      "a claim of that name that is another",
      () => objects.set(`${CLAIMS}/${NEWEST}`, { spec: {} }),
      { from: NEWEST },
      /exists, and is not made from the snapshot/,
    ],
  ] as const)
    it(`refuses ${what}, and changes nothing`, async () => {
      prepare();
      await assert.rejects(run(options), message);
      assert.deepEqual(calls, []);
    });
});

interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly {
    readonly image: string;
    readonly args: string[];
    readonly command?: string[];
    readonly env: readonly { readonly name: string; readonly value?: string }[];
  }[];
}
