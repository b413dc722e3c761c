import type { CloudName } from "../../clusters";
import type { LeakReport } from "../leaks/report";
import type { Result } from "./types";
import type { Versions } from "./versions";

export type CheckReport = Result & {
  readonly name: string;
  readonly shows: string;
  readonly seconds: number;
};

/** The result of one run, without secrets: it can be sent to others. */
export interface VerifyReport {
  readonly stack: string;
  readonly cloud: CloudName;
  /** When the run began, in ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  readonly versions: Versions;
  readonly checks: readonly CheckReport[];
  /** After a destroy: what is left in the cloud. */
  readonly leaks?: LeakReport;
}
