import { join } from "node:path";

import { REPOSITORY } from "../../lib/repository";

/** Arguments with which Node runs `./ralphctl`, as the script of that name passes them. */
export const RALPHCTL: readonly string[] = [
  ...["cli/requirements.js", "boot/loader.js"].flatMap((file) => ["-r", join(REPOSITORY, file)]),
  join(REPOSITORY, "cli/index.ts"),
];
