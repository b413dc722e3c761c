/** Reports progress, on standard error: standard output carries the result. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Reports progress: a ticking line on a terminal, one plain line per start and finish elsewhere. */
export class Progress {
  private done = 0;
  private readonly began = Date.now();

  constructor(
    private readonly total: number,
    private readonly screen: NodeJS.WriteStream = process.stderr,
  ) {}

  say(text: string): void {
    this.screen.write(`${text}\n`);
  }

  /** Runs one step of `total` under its label. The work may report a detail, such as bytes; the last one stays on the line. */
  async step<T>(label: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const began = Date.now();
    const head = `[${++this.done}/${this.total}] ${label}`;
    let detail = "";
    const tick = (): void => void this.screen.write(`\r\x1b[K${head} ... ${elapsed(began)}${detail}`);
    const timer = this.screen.isTTY ? setInterval(tick, 1000) : undefined;
    if (timer === undefined) this.say(`${head} ...`);
    else tick();
    let outcome = "stopped after";
    try {
      const result = await work((text) => (detail = `, ${text}`));
      outcome = "done in";
      return result;
    } finally {
      clearInterval(timer);
      this.say(`${timer === undefined ? "" : "\r\x1b[K"}${head} ${outcome} ${elapsed(began)}${detail}`);
    }
  }

  /** Prints the total time of all steps. */
  finish(text: string): void {
    this.say(`${text} in ${elapsed(this.began)}`);
  }
}

/** The time since then, such as `47 s` or `3 min 05 s`. */
export function elapsed(since: number, now = Date.now()): string {
  const seconds = Math.round((now - since) / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
