/**
 * Checks that the commands that `leaks` prints delete what is left of a stack, in the printed order, and nothing else.
 * The leftovers are random parts of the recorded stacks of a release, and of what controllers create.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";

import { run } from "../../../lib/process";
import { findLeaks } from "../../../operations/leaks";
import { removal } from "../../../operations/leaks/report";
import { installStubClouds, type StubClouds } from "../../../stub-clouds/install";
import { referencesOf, refersTo } from "../../../stub-clouds/references";
import { runRemoval } from "../../../stub-clouds/removal";
import { tableOf } from "../../../stub-clouds/tables";
import type { PluginName, Resource, Values } from "../../../stub-clouds/types";
import { aws } from "../../../stub-clouds/vendor/aws";
import { asText, queried } from "../../../stub-clouds/vendor/query";
import { option } from "../../../stub-clouds/vendor/words";
import { World } from "../../../stub-clouds/world";

import { thing, type Case } from "./cases";

/** A deletion that takes a minute takes 30 ms here: long enough to be noticed by a command that does not wait for it. */
const TIME_SCALE = 0.0005;

/** The recorded stack of a cloud, once its protection is off. */
function recorded({ plugin, place }: Case): readonly Resource[] {
  const text = readFileSync(`test/engine/releases/0.1.0/${place.cloud}.json`, "utf8");
  const { deployment } = JSON.parse(
    text.replaceAll('"deletionProtection": true', '"deletionProtection": false'),
  ) as {
    deployment: { resources: { type: string; id?: string; inputs?: Values; outputs?: Values }[] };
  };
  return deployment.resources
    .filter(({ type }) => type.startsWith(`${plugin}:`))
    .map(({ type, id = "", inputs = {}, outputs = {} }) => ({ ...thing(type, id, outputs), inputs }));
}

/** Some resources, and everything without which they cannot exist. */
function closed(
  some: readonly Resource[],
  all: readonly Resource[],
  plugin: PluginName,
): readonly Resource[] {
  const table = tableOf(plugin);
  const needed = new Set(some);
  for (const each of needed)
    for (const other of all) {
      const isParent = each.id.startsWith(`${other.id}/`);
      const isReferred = referencesOf(each.inputs, each.token, table).some((ref) =>
        refersTo(ref, other, table),
      );
      // Of what is in front of nodes, only the firewall rule names the network, and so the stack.
      const isAnchor = other.id === `k8s-fw-${each.id}`;
      if (other !== each && (isParent || isReferred || isAnchor)) needed.add(other);
    }
  return all.filter((each) => needed.has(each));
}

const spelled = ({ token, id }: Resource): string => `${token} ${id}`;

/** Sets the stand-ins up for the tests of a `describe`, and takes them down after it. */
function prepare(given: Case) {
  const { plugin, place, neighbour, controllers, ignored } = given;
  const stack = recorded(given).filter(({ token }) => !ignored.test(token));
  const all = [...stack, ...controllers(stack)];
  // What destroy has read before it deleted the stack: it proves whose the things without tags are.
  const had = stack.map(({ id, token, outputs }) => ({ urn: id, type: token, custom: true, id, outputs }));
  const others = JSON.parse(
    neighbour.reduce((text, [from, to]) => text.replace(from, to), JSON.stringify(all)),
  ) as Resource[];

  let dir: string;
  let clouds: StubClouds;
  let world: World;
  const path = process.env.PATH ?? "";
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "ralph-leftovers-"));
    clouds = installStubClouds(join(dir, "home"), {
      dir: join(dir, "world"),
      plugins: [],
      timeScale: TIME_SCALE,
    });
    world = new World(clouds.dir);
    process.env.PATH = clouds.environment(path).PATH;
  });
  after(() => {
    process.env.PATH = path;
    rmSync(dir, { recursive: true });
  });

  const left = () => {
    const neighbours = new Set(others.map(spelled));
    return clouds
      .inventory()
      .map(spelled)
      .filter((each) => !neighbours.has(each));
  };
  async function commands(leftovers: readonly Resource[]): Promise<readonly string[]> {
    await clouds.edit(() => [...leftovers, ...others]);
    const report = await findLeaks(place, [], had);
    assert.deepEqual(report.unseen, []);
    return report.leftovers.flatMap(removal);
  }

  /** Runs a line without starting its programs, which would take a quarter of a second each. */
  async function carryOut(line: string): Promise<void> {
    const [list = "", each] = line.split(" | xargs -r -n 1 ");
    const [program = "", ...words] = wordsOf(list);
    if (program === "sleep") return void (await delay(Number(words[0]) * TIME_SCALE * 1000));
    if (each === undefined) return runRemoval(program, words, world);
    const [, ...more] = wordsOf(each);
    const answer = queried(aws(words, world.resources, world.resources), option(words, "query") ?? "");
    for (const row of asText(answer).split("\n").filter(Boolean))
      await runRemoval(program, [...more, ...row.split("\t")], world);
  }

  const checkDeleted = async (): Promise<void> => {
    await until(
      () => left().length === 0,
      () => left().join("\n"),
    );
    assert.deepEqual(clouds.inventory().map(spelled).sort(), others.map(spelled).sort());
    const { leftovers, unseen } = await findLeaks(place, [], had);
    assert.deepEqual([leftovers, unseen], [[], []]);
  };

  return { plugin, all, idle: given.idle, commands, carryOut, checkDeleted };
}

/** Random leftovers of one cloud: the commands delete them, line by line, and nothing else. */
export function deletesSome(given: Case, seed: number, draws: number): void {
  const { plugin, all, idle, commands, carryOut, checkDeleted } = prepare(given);
  fc.sample(fc.subarray([...all], { minLength: 1 }), { seed, numRuns: draws }).forEach((some, i) => {
    const leftovers = closed(some, all, plugin);
    it(`delete ${leftovers.length} of ${all.length} things, and nothing else (${i + 1}, seed ${seed})`, async () => {
      for (const line of await commands(leftovers))
        await carryOut(line).catch((error: Error) => {
          assert.match(error.message, idle, `${line}: ${error.message}`);
        });
      await checkDeleted();
    });
  });

  it("are refused in the reverse order", async () => {
    const refused: string[] = [];
    for (const line of [...(await commands(all))].reverse())
      await carryOut(line).catch((error: Error) => refused.push(error.message));
    assert.match(
      refused.join("\n"),
      plugin === "azure-native" ? /^$/ : /DependencyViolation|is already being used by/,
    );
  });
}

/** All leftovers of one cloud: the commands, pasted into a shell, delete them. */
export function deletesAllByShell(given: Case): void {
  const { all, commands, checkDeleted } = prepare(given);
  it("delete everything, run by a shell", async () => {
    const script = (await commands(all)).map((line) => line.replace(/^sleep 60$/, "sleep 0.1"));
    const { code, stderr } = await run("sh", ["-c", script.map((line) => `${line} || exit 1`).join("\n")], {
      timeout: 240_000,
    });
    assert.equal(code, 0, stderr);
    await checkDeleted();
  }).timeout(300_000);
}
/** The words of a line that `commandLine` has written. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'/g, "$1").replaceAll("\\'", "'"),
  );

async function until(holds: () => boolean, message: () => string): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); await delay(10)) assert.ok(Date.now() < end, message());
}
