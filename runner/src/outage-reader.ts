import { parseStreamLine } from "./claude-stream";
import type { AgentName } from "./contract";
import { ENDLESS, type Outage, outageInText } from "./outage";

/** Lines of a call that count: a program that gives up says why at its end. */
const LAST_LINES = 200;
/** Reports of such attempts after which a call is given up: short breaks pass. */
const ATTEMPTS = 5;
/** Milliseconds until the next attempt that are too long to wait for. */
const LONG = 60_000;

/** Finds in the output of an agent's calls why they failed. */
export class OutageReader {
  private seen: Outage | undefined;
  private age = 0;
  private attempts = 0;

  constructor(private readonly agent: AgentName) {}

  /** @returns an outage if the call cannot succeed any more, although it has not ended */
  line(line: string): Outage | undefined {
    this.age++;
    const claude = this.agent === "claude" ? parseStreamLine(line) : undefined;
    const endless = ENDLESS.test(line);
    this.attempts = endless ? this.attempts + 1 : 0;
    if (claude?.answered === true) this.seen = undefined; // it has got over it
    const outage = this.agent === "claude" ? claude?.outage : outageInText(line);
    if (outage === undefined) return undefined;
    this.seen = { ...outage, ...this.seen }; // the cause comes first, the time of the reset anywhere
    this.age = 0;
    const long = endless && (outage.until ?? 0) > Date.now() + LONG;
    return claude?.final === true || long || this.attempts >= ATTEMPTS ? this.seen : undefined;
  }

  /** A call has ended. @returns why it failed, if that was the model API's doing */
  ended(code: number): Outage | undefined {
    const outage = code === 0 || this.age > LAST_LINES ? undefined : this.seen;
    this.seen = undefined;
    this.age = 0;
    return outage;
  }
}
