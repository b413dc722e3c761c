import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Outage } from "./outage";

const DAY = 86_400_000;
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * What all workers on one volume spend in a day (UTC), against a limit. Each pod adds up in a file of its own, so that
 * no lock is needed.
 */
export class Ledger {
  /**
   * @param folder on the shared volume
   * @param limit in dollars; undefined if there is none
   */
  constructor(
    private readonly folder: string,
    private readonly pod: string,
    private readonly limit: number | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws if the volume is full */
  add(dollars: number): void {
    if (this.limit === undefined || dollars === 0) return;
    const today = join(this.folder, day(this.now()));
    mkdirSync(today, { recursive: true });
    const file = join(today, this.pod);
    writeFileSync(`${file}.new`, String(amountIn(file) + dollars));
    renameSync(`${file}.new`, file);
    for (const other of readdirSync(this.folder))
      if (other < day(this.now() - 7 * DAY))
        rmSync(join(this.folder, other), { recursive: true, force: true });
  }

  /** What may still be spent today. */
  get left(): number {
    if (this.limit === undefined) return Infinity;
    const today = join(this.folder, day(this.now()));
    return this.limit - list(today).reduce((sum, name) => sum + amountIn(join(today, name)), 0);
  }

  /** That the day's limit is reached; undefined if it is not. */
  outage(): Outage | undefined {
    if (this.left > 0) return undefined;
    return {
      reason: "budget",
      message: `the $${this.limit} of this day (UTC) are spent`,
      until: (Math.floor(this.now() / DAY) + 1) * DAY,
    };
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.endsWith(".new"));
  } catch {
    return []; // nothing was spent yet
  }
}

/** @returns 0 for what is no amount: an agent can write these files */
function amountIn(file: string): number {
  try {
    const amount = Number(readFileSync(file, "utf8"));
    return amount > 0 && Number.isFinite(amount) ? amount : 0;
  } catch {
    return 0;
  }
}
