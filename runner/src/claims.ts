import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Seconds after which a claim that shows no sign of life is taken over, as seen by the one that takes it. */
const LEASE = 30;
/** Seconds between two signs of life. */
const HEARTBEAT = 5;

interface Record {
  readonly owner: string;
  /** Names this claim for ever, another one of the same owner too. */
  readonly token: string;
  /** Grows with each sign of life. */
  readonly beat: number;
  readonly released: boolean;
}

export interface Claim {
  readonly folder: string;
  /** Called once, when another worker has taken over: whatever is under way must stop. */
  onLost: () => void;
  /** Whether it is still this worker's. */
  readonly held: () => boolean;
  /** Gives it up: the next taker need not wait for the lease. */
  readonly release: () => void;
}

/**
 * Who works on what, on a volume that many nodes share. The owner of a thing is whoever made the highest
 * numbered claim in its folder: claims are only ever added, each by one atomic link(2), which local file
 * systems and NFS have, so no two workers can own one. A claim shows life by a number that grows; others
 * watch it by their own clock, so that nodes' clocks may differ. What it cannot exclude is an owner that was
 * frozen for longer than the lease and has not noticed yet; Ralph's own lock in the working directory does.
 */
export class Claims {
  /** The newest claim seen in each folder, and since when it shows the same sign of life. */
  private readonly seen = new Map<string, { token: string; beat: number; since: number }>();

  /**
   * @param owner the pod: a claim of this name is that of a former container of it, and dead
   * @param now milliseconds of a clock that never jumps
   */
  constructor(
    private readonly owner: string,
    private readonly timing = { lease: LEASE * 1000, heartbeat: HEARTBEAT * 1000 },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Claims the thing that the folder stands for; undefined while somebody else lives on it. */
  take(folder: string): Claim | undefined {
    mkdirSync(folder, { recursive: true });
    const number = newest(folder);
    if (number > 0 && !this.isFree(folder, number)) return undefined;
    return this.make(folder, number + 1);
  }

  private isFree(folder: string, number: number): boolean {
    const record = read(claimFile(folder, number));
    if (record === undefined) return false; // being written in this moment
    if (record.released || this.isFormerSelf(record)) return true;
    const known = this.seen.get(folder);
    if (known?.token !== record.token || known.beat !== record.beat) {
      this.seen.set(folder, { token: record.token, beat: record.beat, since: this.now() });
      return false;
    }
    return this.now() - known.since > this.timing.lease;
  }

  private isFormerSelf({ owner, token }: Record): boolean {
    return owner === this.owner && !this.own.has(token);
  }
  private readonly own = new Set<string>();

  private make(folder: string, number: number): Claim | undefined {
    const file = claimFile(folder, number);
    let record: Record = { owner: this.owner, token: randomUUID(), beat: 0, released: false };
    const draft = `${file}.${record.token}`;
    writeFileSync(draft, JSON.stringify(record));
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined; // somebody was faster
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    this.own.add(record.token);
    this.seen.delete(folder);

    const held = (): boolean => newest(folder) === number;
    const write = (): void => {
      writeFileSync(draft, JSON.stringify(record));
      renameSync(draft, file); // whole or not at all
    };
    const timer = setInterval(() => {
      try {
        record = { ...record, beat: record.beat + 1 };
        write();
        if (held()) return;
      } catch {
        return; // the volume does not answer: the next beat may, or another worker takes over
      }
      clearInterval(timer);
      claim.onLost();
    }, this.timing.heartbeat);
    timer.unref();
    const claim: Claim = {
      folder,
      onLost: () => undefined,
      held,
      release: () => {
        clearInterval(timer);
        record = { ...record, released: true };
        write();
      },
    };
    return claim;
  }
}

const claimFile = (folder: string, number: number): string => join(folder, `claim-${number}`);

/** The highest number of a claim in the folder; 0 without one. */
function newest(folder: string): number {
  const numbers = readdirSync(folder).map((name) => Number(/^claim-(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

function read(file: string): Record | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record;
  } catch {
    return undefined;
  }
}
