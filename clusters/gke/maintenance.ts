import type { Config } from "./config";

/** Any day will do: the rule of recurrence says which days count. It must never change. */
const FIRST_DAY = "2026-01-03";

/** The window as Google Calendar would write it (RFC 5545): it may go past midnight. */
export function maintenancePolicy({ days, start, hours }: Config["maintenance"]) {
  const from = new Date(`${FIRST_DAY}T${start}:00Z`);
  const to = new Date(from.getTime() + hours * 3_600_000);
  const time = (date: Date) => date.toISOString().replace(".000Z", "Z");
  return {
    recurringWindow: {
      startTime: time(from),
      endTime: time(to),
      recurrence: `FREQ=WEEKLY;BYDAY=${[...new Set(days)].join(",")}`,
    },
  };
}
