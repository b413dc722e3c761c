import { parseStreamLine } from "./claude-stream";
import type { AgentName } from "./contract";
import { type Outage, outageInText } from "./outage";

/** Lines of a call that count: a program that gives up says why at its end. */
const LAST_LINES = 200;

/** Finds in the output of an agent's calls why they failed. */
export class OutageReader {
  private seen: Outage | undefined;
  private age = 0;

  constructor(private readonly agent: AgentName) {}

  /** @returns an outage if the call cannot succeed any more, although it has not ended */
  line(line: string): Outage | undefined {
    this.age++;
    const claude = this.agent === "claude" ? parseStreamLine(line) : undefined;
    if (claude?.answered === true) this.seen = undefined; // it has got over it
    const outage = this.agent === "claude" ? claude?.outage : outageInText(line);
    if (outage === undefined) return undefined;
    this.seen = { ...outage, ...this.seen }; // the cause comes first, the time of the reset anywhere
    this.age = 0;
    return claude?.final === true ? this.seen : undefined;
  }

  /** A call has ended. @returns why it failed, if that was the model API's doing */
  ended(code: number): Outage | undefined {
    const outage = code === 0 || this.age > LAST_LINES ? undefined : this.seen;
    this.seen = undefined;
    this.age = 0;
    return outage;
  }
}
