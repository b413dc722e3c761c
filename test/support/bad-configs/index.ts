/**
 * Invalid configurations, each with all its problems: at least one for each kind of rule in a schema, in
 * `workload/keys/`, in `config/` and in the checks of an existing cluster. The tables depend on no engine and no
 * mock, so they serve both.
 */
import { BACKUPS } from "./backups";
import type { BadConfig } from "./case";
import { CLUSTER } from "./cluster";
import { CREDENTIALS } from "./credentials";
import { EPHEMERAL } from "./ephemeral";
import { FORMS } from "./forms";
import { MODELS } from "./models";
import { PODS } from "./pods";
import { REPOSITORIES } from "./repositories";
import { RULES } from "./rules";
import { SECRETS } from "./secrets";
import { TOGETHER } from "./together";
import { UNKNOWN_KEYS } from "./unknown-keys";
import { VALUES_FILE } from "./values-file";
import { WAY_IN } from "./way-in";

export { type BadConfig, SECRET_KEYS } from "./case";

export const BAD_CONFIGS: readonly BadConfig[] = [
  ...CLUSTER,
  ...UNKNOWN_KEYS,
  ...FORMS,
  ...SECRETS,
  ...RULES,
  ...CREDENTIALS,
  ...WAY_IN,
  ...REPOSITORIES,
  ...MODELS,
  ...PODS,
  ...VALUES_FILE,
  ...EPHEMERAL,
  ...BACKUPS,
  ...TOGETHER,
];
