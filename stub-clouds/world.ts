import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { withLock } from "../lib/lock";
import { processStart } from "../lib/processes";
import type { Call, Fault, Quotas, Registered, Resource, Token, Values } from "./types";

/** Settings that are fixed when a world is created. */
export interface Options {
  /** Address (`127.0.0.1:6443`) and certificate authority of the API server that clusters return. */
  readonly apiServer: {
    readonly host: string;
    readonly certificateAuthority: string;
  };
  /** Duration of one second of the real cloud, in seconds. 0: everything happens at once. */
  readonly timeScale: number;
  readonly seed: number;
  readonly quotas?: Quotas;
}

interface Inventory {
  /** How many resources were ever created. */
  readonly serial: number;
  readonly resources: readonly Resource[];
}

interface FaultPlan {
  readonly faults: readonly Fault[];
  /** Calls so far that match each of them. */
  readonly counts: readonly number[];
}

const LOCK_WORLD = {
  pid: process.pid,
  startOf: processStart,
  pause: async () => void (await delay(5)),
};

/** A folder that all plugins and tests of one world share. Files are replaced atomically, changes are exclusive. */
export class World {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(readonly dir: string) {}

  static create(dir: string, options: Options): World {
    mkdirSync(dir, { recursive: true });
    const world = new World(dir);
    world.write("options.json", options);
    return world;
  }

  get options(): Options {
    return this.read<Options>("options.json") as Options;
  }

  /** Sets the account's quotas, in place of those before. */
  limit(quotas: Quotas): void {
    this.write("options.json", { ...this.options, quotas } satisfies Options);
  }

  /** What exists now. */
  get resources(): readonly Resource[] {
    return existing(this.read<Inventory>("inventory.json")?.resources ?? []);
  }

  /** Changes the inventory under a lock. If `edit` throws, nothing is changed. */
  change<T>(edit: (resources: readonly Resource[], serial: number) => Edit<T>): Promise<T> {
    return this.exclusively(() => {
      const { serial, resources } = this.read<Inventory>("inventory.json") ?? { serial: 0, resources: [] };
      const { result, ...edited } = edit(existing(resources), serial);
      if (edited.resources !== undefined)
        this.write("inventory.json", {
          serial: serial + (edited.created ?? 0),
          resources: [...edited.resources, ...(edited.forget === true ? [] : ghosts(resources))],
        });
      return result;
    });
  }

  get calls(): Call[] {
    return this.lines<Call>("ledger.jsonl");
  }

  record(call: Omit<Call, "time" | "pid">): void {
    this.append("ledger.jsonl", { time: new Date().toISOString(), pid: process.pid, ...call });
  }

  /** What passed a provider's check, in previews too, as the program registered it. */
  get registered(): Registered[] {
    return this.lines<Registered>("registered.jsonl");
  }

  register(token: Token, inputs: Values): void {
    this.append("registered.jsonl", { token, inputs } satisfies Registered);
  }

  plan(faults: readonly Fault[]): void {
    const counts = faults.map(() => 0);
    this.write("faults.json", { faults, counts } satisfies FaultPlan);
  }

  /** Counts a call and returns the fault that it hits, if any. */
  async fault(call: Pick<Call, "plugin" | "method" | "token" | "name">): Promise<Fault | undefined> {
    if ((this.read<FaultPlan>("faults.json")?.faults ?? []).length === 0) return undefined;
    const { seed } = this.options;
    return this.exclusively(() => {
      const { faults, counts } = this.read<FaultPlan>("faults.json") as FaultPlan;
      const matched = faults.map((fault) => matches(fault, call));
      const next = counts.map((count, i) => count + (matched[i] === true ? 1 : 0));
      this.write("faults.json", { faults, counts: next } satisfies FaultPlan);
      return faults.find((fault, i) => matched[i] === true && isDue(fault, next[i] ?? 0, seed));
    });
  }

  private async exclusively<T>(work: () => T): Promise<T> {
    const before = this.turn;
    const mine = before.then(() =>
      withLock(
        join(this.dir, "lock"),
        () => undefined,
        async () => work(),
        LOCK_WORLD,
      ),
    );
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private lines<T>(name: string): T[] {
    const file = join(this.dir, name);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as T);
  }

  private append(name: string, line: object): void {
    appendFileSync(join(this.dir, name), `${JSON.stringify(line)}\n`);
  }

  private read<T>(name: string): T | undefined {
    const file = join(this.dir, name);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : undefined;
  }

  private write(name: string, value: unknown): void {
    const file = join(this.dir, name);
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(value, undefined, 1));
    renameSync(`${file}.${process.pid}`, file);
  }
}

/** The outcome of a change: without `resources` they stay as they are; `created` is how many are new. */
export interface Edit<T> {
  readonly result: T;
  readonly resources?: readonly Resource[];
  readonly created?: number;
  /** Whether the vendors' lists no longer have what was deleted before. */
  readonly forget?: boolean;
}

const existing = (resources: readonly Resource[]): Resource[] =>
  resources.filter(({ deleted, ghost }) => ghost !== true && (deleted === undefined || deleted > Date.now()));

/** How many deleted resources the vendors' lists still have. */
const GHOSTS = 200;

/** What is deleted, and still in the vendors' lists: for hours, which is longer than a world lives. */
const ghosts = (resources: readonly Resource[]): Resource[] =>
  resources
    .filter(({ deleted, ghost }) => ghost === true || (deleted !== undefined && deleted <= Date.now()))
    .map((each) => ({ ...each, ghost: true }))
    .slice(-GHOSTS);

const CHANGING = ["Create", "Update", "Delete"];

function matches(fault: Fault, call: Pick<Call, "plugin" | "method" | "token" | "name">): boolean {
  const { plugin, method, token, name } = fault;
  return (
    (plugin === undefined || plugin === call.plugin) &&
    (method === undefined ? CHANGING.includes(call.method) : method === call.method) &&
    (token === undefined || token === call.token) &&
    (name === undefined || name === call.name)
  );
}

function isDue({ nth = 1, times = 1, rate }: Fault, count: number, seed: number): boolean {
  return rate === undefined ? count >= nth && count < nth + times : random(seed, count) < rate;
}

/** Pseudorandom number between 0 and 1, determined by seed and count (mulberry32). */
function random(seed: number, count: number): number {
  let state = (seed + Math.imul(count, 0x6d2b79f5)) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
