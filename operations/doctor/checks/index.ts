import type { Check } from "../types";
import { autoscaling } from "./autoscaling";
import { backups } from "./backups";
import { claims } from "./claims";
import { configuration } from "./configuration";
import { crashes } from "./crashes";
import { creation } from "./creation";
import { warned } from "./events";
import { externalSecrets } from "./external-secrets";
import { images, missingPullSecrets } from "./images";
import { jobs } from "./jobs";
import { keys } from "./keys";
import { memory } from "./memory";
import { mounts } from "./mounts";
import { namespace } from "./namespace";
import { nameResolution, networkPolicy } from "./network-policy";
import { nodes } from "./nodes";
import { quota } from "./quota";
import { readiness } from "./readiness";
import { scheduling } from "./scheduling";
import { versions } from "./versions";
import { workload } from "./workload";

/** In the order of the report: causes before their consequences. */
export const CHECKS: readonly Check[] = [
  namespace,
  workload,
  nodes,
  versions,
  creation,
  quota,
  scheduling,
  claims,
  mounts,
  images,
  missingPullSecrets,
  externalSecrets,
  configuration,
  keys,
  memory,
  crashes,
  readiness,
  jobs,
  backups,
  autoscaling,
  networkPolicy,
  nameResolution,
  warned,
];
