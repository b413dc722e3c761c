import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Seconds without a heartbeat after which another worker may take a claim over, by that worker's clock. */
const LEASE = 30;
/** Seconds between two heartbeats. */
const HEARTBEAT = 5;

interface Record {
  readonly owner: string;
  /** Unique to this claim, even among those of the same owner. */
  readonly token: string;
  /** Increases with each heartbeat. */
  readonly beat: number;
  readonly released: boolean;
}

export interface Claim {
  readonly folder: string;
  /** Called once, if another worker has taken over: the current run must stop. */
  onLost: () => void;
  /** Whether this worker still owns it. */
  readonly held: () => boolean;
  /** Releases it, so that the next owner does not have to wait for the lease to expire. */
  readonly release: () => void;
}

/**
 * Decides which worker processes which unit, on a volume that many nodes share. The owner of a unit is the creator
 * of the highest numbered claim in its folder. Claims are only ever added, each by one atomic link(2), which local
 * file systems and NFS support, so two workers cannot own the same unit. A heartbeat is a number that increases;
 * others time it by their own clock, so the clocks of nodes may differ. An owner that was frozen for longer than the
 * lease and has not noticed yet is not excluded here, but by Ralph's own lock in the working directory.
 */
export class Claims {
  /** The newest claim seen in each folder, and since when its heartbeat has not changed. */
  private readonly seen = new Map<string, { token: string; beat: number; since: number }>();

  /**
   * @param owner the pod: another claim of this name belongs to an earlier container of it, which has ended
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    private readonly owner: string,
    private readonly timing = { lease: LEASE * 1000, heartbeat: HEARTBEAT * 1000 },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Claims the unit of a folder. @returns undefined while another worker owns it */
  take(folder: string): Claim | undefined {
    mkdirSync(folder, { recursive: true });
    const number = newest(folder);
    if (number > 0 && !this.isFree(folder, number)) return undefined;
    return this.create(folder, number + 1);
  }

  private isFree(folder: string, number: number): boolean {
    const record = read(claimFile(folder, number));
    if (record === undefined) return false; // it is being written
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

  private create(folder: string, number: number): Claim | undefined {
    const file = claimFile(folder, number);
    let record: Record = { owner: this.owner, token: randomUUID(), beat: 0, released: false };
    const draft = `${file}.${record.token}`;
    writeFileSync(draft, JSON.stringify(record));
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined; // another worker was faster
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    this.own.add(record.token);
    this.seen.delete(folder);

    const held = (): boolean => newest(folder) === number;
    const write = (): void => {
      writeFileSync(draft, JSON.stringify(record));
      renameSync(draft, file); // atomic
    };
    const timer = setInterval(() => {
      try {
        record = { ...record, beat: record.beat + 1 };
        write();
        if (held()) return;
      } catch {
        return; // the volume does not respond: the next heartbeat succeeds, or another worker takes over
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

/** The highest claim number in the folder; 0 if there is no claim. */
function newest(folder: string): number {
  const numbers = readdirSync(folder).map((name) => Number(/^claim-(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

function read(file: string): Record | undefined {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as Record | null) ?? undefined;
  } catch {
    return undefined;
  }
}
