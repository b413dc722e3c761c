import type { Check } from "../types";
import { access } from "./access";
import { autoscaler } from "./autoscaler";
import { backups } from "./backups";
import { program, registry } from "./cloud";
import { hosts } from "./hosts";
import { identity } from "./identity";
import { sandboxed } from "./kernel";
import { metrics } from "./metrics";
import { network } from "./network";
import { prometheus } from "./prometheus";
import { secrets } from "./secrets";
import { smoke } from "./smoke";
import { rwo, rwx } from "./volumes";
import { wayIn } from "./way-in";

/** In the order of the report: what the others need comes first. */
export const CHECKS: readonly Check[] = [
  access,
  program,
  registry,
  smoke,
  rwo,
  rwx,
  network,
  hosts,
  sandboxed,
  identity,
  secrets,
  metrics,
  prometheus,
  backups,
  wayIn,
  autoscaler,
];
