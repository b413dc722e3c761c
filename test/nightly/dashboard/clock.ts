/** Preloaded by a runner: its clock runs faster than the machine's, and both agree at one moment in the future. */
import { fromClock } from "./time";

const Machine = Date;
const now = fromClock(process.env.TEST_CLOCK ?? "", () => Machine.now());

globalThis.Date = class extends Machine {
  constructor(...values: [] | [number]) {
    if (values.length === 0) super(now());
    else super(...values);
  }
  static override now = now;
} as DateConstructor;
