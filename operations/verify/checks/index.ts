import type { Check } from "../types";
import { access } from "./access";
import { autoscaler } from "./autoscaler";
import { program, registry } from "./cloud";
import { identity } from "./identity";
import { metrics } from "./metrics";
import { network } from "./network";
import { prometheus } from "./prometheus";
import { smoke } from "./smoke";
import { rwo, rwx } from "./volumes";

/** In the order of the report: what the others need comes first. */
export const CHECKS: readonly Check[] = [
  access,
  program,
  registry,
  smoke,
  rwo,
  rwx,
  network,
  identity,
  metrics,
  prometheus,
  autoscaler,
];
