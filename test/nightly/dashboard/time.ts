/** Milliseconds that the runners have to start before. */
const START = 10_000;
/** How many times faster the clock of the runners is. */
export const SPEED = 144;
/** What a picture shows, by that clock. */
export const HOURS = 6;
/** Milliseconds of the machine that a recording takes: less than the limit of the test's programs. */
export const LENGTH = (HOURS * 3_600_000) / SPEED + START;

/** The clock that agrees with the machine's at `end`. */
export const fromClock =
  (end: string, machine = Date.now) =>
  (): number =>
    Math.round(Number(end) - (Number(end) - machine()) * SPEED);
