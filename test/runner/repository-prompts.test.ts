/**
 * Proves that prompts of a repository are run by a worker as those of the stack are: a commit adds one, by real git over
 * HTTPS and the container with the credentials; what is no prompt is named; and an outage of the server loses none.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ChosenAgent } from "../../runner/src/agents";
import { Availability } from "../../runner/src/availability";
import { Claims } from "../../runner/src/claims";
import type { Environment } from "../../runner/src/execute";
import { serveGit } from "../../runner/src/git-container";
import { layout, type Layout } from "../../runner/src/layout";
import { Ledger } from "../../runner/src/ledger";
import { createLog } from "../../runner/src/log";
import { Metrics } from "../../runner/src/metrics";
import { Publisher, repositoryKey } from "../../runner/src/push";
import { Queue } from "../../runner/src/queue";
import { RepositoryPrompts } from "../../runner/src/repository-prompts";
import { retry } from "../../runner/src/retry";
import { parseSettings, type Settings } from "../../runner/src/settings";
import { Source } from "../../runner/src/source";
import { Worker } from "../../runner/src/worker";
import { Telemetry } from "../../runner/src/telemetry";
import { GitHost } from "../support/git-host";
import { until } from "../engine/support/until";

const TIMING = { timeout: 60_000, clone: 60_000, last: 60_000, retry: 0 };
const RAN = `mkdir -p .ralph/api; echo '{"iteration":1}' > .ralph/api/loop-state.json; echo done > result`;

describe("prompts in the repository", () => {
  let root: string;
  let host: GitHost;
  let lines: string[];
  let stop: AbortController;
  let serving: Promise<void>;
  let settings: Settings;
  let places: Layout;
  let publisher: Publisher;
  let prompts: RepositoryPrompts;
  const metrics = new Metrics();
  const path = (...parts: string[]): string => join(root, ...parts);
  const env = { PATH: process.env.PATH };
  const log = createLog((line) => lines.push(line));

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "repository-prompts-"));
    lines = [];
    stop = new AbortController();
    for (const folder of ["prompts", "workspace"]) mkdirSync(path(folder));
    host = await GitHost.start();
    host.credentials(path("git"));
    settings = parseSettings([], {
      RALPH_SOURCE_REPOSITORY: host.address,
      RALPH_SOURCE_PROMPTS: "work/queue",
      RALPH_GIT_SSH: path("none"),
      RALPH_GIT_SOCKET: path("socket"),
      RALPH_SKIP_PROMPTS: "task.md",
    }) as Settings;
    assert.ok("agent" in settings, JSON.stringify(settings));
    places = { ...layout(root), source: repositoryKey(host.address), repositoryPrompts: path("copy") };
    serving = serveGit(
      { ...settings, gitSsh: path("git") },
      {
        layout: { ...layout(root), workspace: path("service") },
        ...{ env, log, signal: stop.signal, hide: () => undefined, redact: (text) => text },
      },
      TIMING,
    );
    publisher = new Publisher({ settings, layout: places, env, metrics, log, signal: stop.signal }, TIMING);
    prompts = new RepositoryPrompts(
      ...[publisher.server ?? assert.fail(), publisher.session ?? assert.fail()],
      ...["work/queue", path("copy")],
      log,
      0,
    );
  });
  afterEach(async () => {
    stop.abort();
    await prompts.idle;
    await serving;
    await host.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const queue = (): string[] => new Queue(places, settings.skipPrompts).read().map(({ file }) => file);

  it("are those of its folder on the branch, and follow it", async () => {
    writeFileSync(path("prompts", "own.md"), "Of the stack.");
    writeFileSync(path("prompts", "task.md"), "Of a task.");
    host.commit("main", {
      "work/queue/b.md": "# B\n",
      // The name is that of a task's prompt of the stack: another prompt, which the worker runs.
      "work/queue/task.md": "# Not the task\n",
      "work/queue/notes.txt": "no prompt",
      "work/queue/later/c.md": "in a folder below",
      "d.md": "elsewhere",
    });
    await prompts.refresh();
    assert.deepEqual(queue(), ["own.md", "b.md", "task.md"]);
    assert.equal(readFileSync(path("copy", "b.md"), "utf8"), "# B\n");

    host.commit("main", { "work/queue/b.md": undefined, "work/queue/a.md": "# A\n" });
    host.commit("ralph/other", { "work/queue/z.md": "by an agent" });
    await prompts.refresh();
    assert.deepEqual(queue(), ["own.md", "a.md", "task.md"]);
    assert.deepEqual(lines.slice(1), []);
  });

  it("are named if they are links, too large, not UTF-8, or have an odd name", async () => {
    host.commit("main", {
      "work/queue/good.md": "Do it.",
      "work/queue/link.md": { link: "/proc/self/environ" },
      "work/queue/large.md": "x".repeat(1_000_001),
      "work/queue/latin.md": { bytes: Buffer.from([0x66, 0xfc, 0x72]) },
      "work/queue/odd name.md": "Do that.",
    });
    await prompts.refresh();
    assert.deepEqual(queue(), ["good.md"]);
    assert.deepEqual(readdirSync(path("copy")), ["good.md"]);
    assert.deepEqual(
      lines.slice(1).map((line) => line.slice(line.indexOf("msg="))),
      [
        `msg="not a prompt" file=work/queue/large.md reason="it is larger than 1000000 bytes"`,
        `msg="not a prompt" file=work/queue/latin.md reason="it is not UTF-8"`,
        `msg="not a prompt" file=work/queue/link.md reason="it is a link"`,
        `msg="not a prompt" file="work/queue/odd name.md" reason="its name has other characters than letters, digits, '_', '-' and '.'"`,
      ],
    );
  });

  it("stay as they were while the server is away, which the worker reports", async () => {
    host.commit("main", { "work/queue/a.md": "Do it." });
    await prompts.refresh();
    await host.cut();
    await prompts.refresh();
    await prompts.refresh();
    assert.deepEqual(queue(), ["a.md"]);
    assert.match(prompts.problem ?? "", /^the prompts in https:.* cannot be fetched: /);
    assert.equal(lines.filter((line) => line.includes(`msg="cannot fetch prompts"`)).length, 1);
    await host.listen();
    host.commit("main", { "work/queue/b.md": "Do that." });
    await prompts.refresh();
    assert.deepEqual([queue(), prompts.problem], [["a.md", "b.md"], undefined]);
  });

  it("run when they are committed, and can be retried by their names", async () => {
    host.commit("main", { "work/queue/first.md": "Do it." });
    const ralph = path("ralph");
    writeFileSync(ralph, `#!/bin/bash\n${RAN}\n`);
    chmodSync(ralph, 0o755);
    const agent: ChosenAgent = { name: "smoke", backend: "custom", program: "/bin/true", env };
    const ledger = new Ledger(path("workspace", ".runner", "spent"), "pod", undefined);
    const session = publisher.session ?? assert.fail();
    const all: Environment = {
      ...{ settings, layout: places, ralph, wrapper: "/bin/true", env, metrics, publisher, log, ledger },
      source: new Source(publisher.server ?? assert.fail(), session, "ralph/", env, log),
      repositoryPrompts: prompts,
      availability: new Availability(agent, metrics, log, ledger, undefined),
      telemetry: new Telemetry(settings, {}, {}, log),
      echo: (line) => void lines.push(line),
      signal: stop.signal,
    };
    const working = new Worker(all, agent, new Claims("pod")).run();
    const pushed = (name: string): Promise<unknown> =>
      until(`the branch of ${name}`, () => host.branches().some((one) => one.startsWith(`ralph/${name}-`)));
    try {
      await pushed("first");
      host.commit("main", { "work/queue/second.md": "Do that." });
      await pushed("second");
      const { results } = await retry(["second.md", "first", "third"], settings, places);
      assert.deepEqual(
        results.map(({ result }) => result),
        ["completed", "completed", "unknown"],
      );
    } finally {
      stop.abort();
      await working;
    }
  });
});
