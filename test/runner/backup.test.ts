/**
 * Proves the program of backups: that it takes one snapshot and waits for it, which snapshots it deletes, and that a restored
 * volume is compared with its manifest file by file, so that damage is not taken for what was changed meanwhile. The API server
 * is a stand-in; the real one with the real controllers is in test/nightly/snapshots.test.ts.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { backup, check, expired } from "../../runner/src/backup";
import { ownCluster } from "../../runner/src/cluster";
import type { BackupVariables, ManifestReport, VolumeSnapshot } from "../../runner/src/contract";
import { checkManifest, writeManifest } from "../../runner/src/manifest";
import { selfSigned } from "../support/self-signed";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-30T21:00:00Z");
const VARIABLES: BackupVariables = {
  RALPH_BACKUP_KIND: "snapshot",
  RALPH_BACKUP_CLAIM: "ralph-workspace",
  RALPH_BACKUP_CLASS: "csi",
  RALPH_BACKUP_STORAGE_CLASS: "standard",
  RALPH_BACKUP_ACCESS_MODE: "ReadWriteOnce",
  RALPH_BACKUP_SIZE: "10Gi",
  RALPH_BACKUP_KEEP: "2",
  RALPH_BACKUP_PATIENCE: "1",
};
const snapshot = (name: string, days: number, more: object = {}, ready = true): VolumeSnapshot => ({
  metadata: { name, creationTimestamp: new Date(NOW - days * DAY).toISOString(), ...more },
  status: { readyToUse: ready },
});

let root: string;
const withFolder = (): void => {
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "ralph-backup-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
};

describe("the retention of snapshots", () => {
  const names = (found: readonly VolumeSnapshot[]) => found.map(({ metadata }) => metadata.name);
  const all = [
    snapshot("old", 3),
    snapshot("older", 4),
    snapshot("new", 0.1),
    snapshot("failed", 2, {}, false),
    snapshot("under way", 0.01, {}, false),
    snapshot("going", 9, { deletionTimestamp: "2026-11-30T20:00:00Z" }),
  ];

  for (const [what, rule, deleted] of [
    ["the newest two", { RALPH_BACKUP_KEEP: "2" }, ["older", "failed"]],
    ["more than there are", { RALPH_BACKUP_KEEP: "24" }, ["failed"]],
    ["those of three and a half days", { RALPH_BACKUP_DAYS: "3" }, ["older", "failed"]],
    ["the newest one, even if it is older", { RALPH_BACKUP_DAYS: "0" }, ["old", "older", "failed"]],
  ] as const)
    it(`keeps ${what}, and none that has not become ready within a day`, () => {
      assert.deepEqual(names(expired(all, rule, NOW - 1)), deleted);
    });
});

describe("a manifest", () => {
  withFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const counts = ({ files, changed, damaged, names, error }: ManifestReport) => ({
    files,
    changed,
    damaged,
    names,
    ...(error === undefined ? {} : { error }),
  });

  beforeEach(() => {
    write("a/one.txt", "1");
    write("a/b/two.txt", "22");
    write("a.txt", "beside the folder of its name");
    symlinkSync("/etc/hostname", join(root, "link"));
  });

  it("has every file and link, and compares equal with the same volume and with a copy of it", async () => {
    const sum = await writeManifest(root, "snapshot");
    const whole = { files: 4, changed: 0, damaged: 0, names: [] };
    assert.deepEqual(counts(await checkManifest(root, "snapshot", sum)), whole);
    const copy = mkdtempSync(join(tmpdir(), "ralph-copy-"));
    try {
      cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
      assert.deepEqual(counts(await checkManifest(copy, "snapshot", sum)), whole);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it("tells what was changed or deleted later from what is damaged", async () => {
    const sum = await writeManifest(root, "snapshot");
    await delay(20);
    write("a/one.txt", "edited");
    rmSync(join(root, "a", "b"), { recursive: true });
    write("later.txt", "new");
    assert.deepEqual(counts(await checkManifest(root, "snapshot", sum)), {
      files: 4,
      changed: 2,
      damaged: 0,
      names: [],
    });
  });

  it("reports damage: a file that differs, although it was changed before the manifest", async () => {
    write("a/one.txt", "2");
    await writeManifest(root, "snapshot");
    await delay(20);
    // As if the time of the change had been before: the hash of the file is another one, and the manifest is younger.
    const file = join(root, ".runner", "backup", "snapshot");
    const [head, ...entries] = readFileSync(file, "utf8").split("\n");
    const forged = entries.map((line) => line.replace(/^\["[0-9a-f]{64}",1,/, `["${"0".repeat(64)}",1,`));
    writeFileSync(file, [JSON.stringify({ began: Date.now() + DAY }), ...forged].join("\n"));
    assert.ok(head);
    const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
    assert.deepEqual(counts(await checkManifest(root, "snapshot", sum)), {
      files: 4,
      changed: 0,
      damaged: 1,
      names: ["a/one.txt"],
    });
  });

  it("reads a file again only if it has changed", async () => {
    const first = await writeManifest(root, "snapshot");
    const file = join(root, ".runner", "backup", "snapshot");
    const before = readFileSync(file, "utf8");
    // A hash that no content has: it stays only if it is taken over.
    writeFileSync(file, before.replaceAll(/\["[0-9a-f]{64}",/g, '["known",'));
    await delay(20);
    appendFileSync(join(root, "a.txt"), "more");
    await writeManifest(root, "snapshot");
    const hashes = readFileSync(file, "utf8").trim().split("\n").slice(1);
    assert.deepEqual(
      hashes.map((line) => [(JSON.parse(line) as string[])[4], line.includes("known")]),
      [
        ["a/b/two.txt", true],
        ["a/one.txt", true],
        ["a.txt", false],
        ["link", true],
      ],
    );
    assert.ok(first);
  });

  it("is itself compared with what was recorded, and its absence is reported", async () => {
    const sum = await writeManifest(root, "snapshot");
    const { error } = await checkManifest(root, "copy", sum);
    assert.match(error ?? "", /the volume has no \.runner\/backup\/copy/);
    truncateSync(join(root, ".runner", "backup", "snapshot"), 100);
    const { error: other } = await checkManifest(root, "snapshot", sum);
    assert.match(other ?? "", /is not the one that was written with the snapshot/);
    const report = join(root, "report");
    assert.equal(
      await check({ RALPH_BACKUP_KIND: "copy", RALPH_BACKUP_MANIFEST: sum }, root, report),
      "completed",
    );
    assert.equal((JSON.parse(readFileSync(report, "utf8")) as ManifestReport).files, 0);
  });
});

describe("a backup", () => {
  withFolder();
  let server: Server;
  let requests: { method: string; url: string; body: string; token?: string }[];
  let snapshots: VolumeSnapshot[];
  let answer: (created: VolumeSnapshot) => VolumeSnapshot;
  let account: string;
  const path = "/apis/snapshot.storage.k8s.io/v1/namespaces/ralph/volumesnapshots";

  beforeEach(async () => {
    const { key, cert } = selfSigned(root, "IP:127.0.0.1");
    requests = [];
    snapshots = [];
    answer = (created) => ({ ...created, status: { readyToUse: true } });
    server = createServer({ key, cert }, (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        requests.push({ method, url, body, token: headers.authorization });
        const end = (code: number, value: object): void => {
          response.writeHead(code).end(JSON.stringify(value));
        };
        if (method === "POST") {
          const created = JSON.parse(body) as VolumeSnapshot;
          snapshots.push({
            ...created,
            metadata: { ...created.metadata, creationTimestamp: new Date().toISOString() },
          });
          return end(201, created);
        }
        if (method === "DELETE") {
          snapshots = snapshots.filter(({ metadata }) => !url.endsWith(`/${metadata.name}`));
          return end(200, {});
        }
        if (!url.startsWith(`${path}?`)) return end(403, { message: "volumesnapshots is forbidden" });
        return end(200, {
          items: snapshots.map((each) => (each.status === undefined ? answer(each) : each)),
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    account = join(root, "account");
    mkdirSync(account);
    for (const [file, text] of Object.entries({ namespace: "ralph", token: "t0ken\n", "ca.crt": cert }))
      writeFileSync(join(account, file), text);
    writeFileSync(join(root, "work.txt"), "work");
    utimesSync(join(root, "work.txt"), 1, 1);
  });
  afterEach(() => server.close());

  const run = (variables: Partial<BackupVariables> = {}) => {
    const lines: string[] = [];
    const { port } = server.address() as AddressInfo;
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) };
    const end = backup(
      { ...VARIABLES, ...variables },
      {
        cluster: ownCluster(env, account),
        workspace: root,
        log: (message, fields = {}) => void lines.push([message, ...Object.values(fields)].join(": ")),
        interval: 10,
      },
    );
    return end.then((result) => ({ end: result, lines }));
  };

  it("takes a snapshot that names its manifest, waits until it is ready, and deletes what is not kept", async () => {
    snapshots = ["a", "b", "c"].map((name, i) => ({
      ...snapshot(name, 3 - i),
      metadata: {
        name,
        creationTimestamp: new Date(Date.now() - (3 - i) * DAY).toISOString(),
      },
    }));
    const { end, lines } = await run();
    assert.equal(end, "completed");
    assert.deepEqual(snapshots.map(({ metadata }) => metadata.name).slice(0, 1), ["c"]);
    assert.equal(snapshots.length, 2);
    const [created] = requests;
    assert.equal(created?.token, "Bearer t0ken");
    const { metadata, spec } = JSON.parse(created?.body ?? "") as Required<VolumeSnapshot>;
    assert.match(metadata.name, /^ralph-workspace-snapshot-\d{8}-\d{6}$/);
    assert.deepEqual(metadata.labels, { app: "ralph-backup", "ralph-orchestrator/backup": "snapshot" });
    const { "ralph-orchestrator/manifest": sum = "", ...others } = metadata.annotations ?? {};
    assert.deepEqual(others, {
      "ralph-orchestrator/storage-class": "standard",
      "ralph-orchestrator/access-mode": "ReadWriteOnce",
      "ralph-orchestrator/size": "10Gi",
    });
    assert.equal((await checkManifest(root, "snapshot", sum)).damaged, 0);
    assert.deepEqual(spec, {
      volumeSnapshotClassName: "csi",
      source: { persistentVolumeClaimName: "ralph-workspace" },
    });
    // The server selects: none of another label is ever seen.
    for (const { url } of requests.filter(({ method }) => method === "GET"))
      assert.equal(
        decodeURIComponent(url),
        `${path}?labelSelector=app=ralph-backup,ralph-orchestrator/backup=snapshot`,
      );
    assert.deepEqual(lines.at(-1), `snapshot ready: ${metadata.name}`);
  });

  it("fails with the driver's words if the snapshot cannot be used, and deletes none", async () => {
    snapshots = [snapshot("a", 9), snapshot("b", 8), snapshot("c", 7)];
    answer = (created) => ({
      ...created,
      status: { readyToUse: false, error: { message: "quota SNAPSHOTS exceeded" } },
    });
    const { end, lines } = await run({ RALPH_BACKUP_PATIENCE: "0" });
    assert.equal(end, "failed");
    assert.match(lines.at(-1) ?? "", /cannot be used: ralph-workspace-snapshot-.*: quota SNAPSHOTS exceeded/);
    assert.ok(!requests.some(({ method }) => method === "DELETE"));
  });

  it("fails with the server's words if that refuses", async () => {
    writeFileSync(join(account, "namespace"), "other");
    await assert.rejects(run(), /GET .*other\/volumesnapshots\?.*: 403 volumesnapshots is forbidden/);
    assert.ok(existsSync(join(root, ".runner", "backup", "snapshot")));
  });
});
