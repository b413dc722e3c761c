/**
 * Stand-in for the commands of `gcloud`, `aws` and `az` that print a password for a registry:
 * `logins.ts <program> <folder of the world> [arguments]`. Each password is another one, and is noted in the world,
 * where the registries look it up; a test expires all by emptying that file.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Resource } from "../types";
import { type Account, refusalOf } from "./accounts";
// Loads no module outside of this folder, like the other files here.

const [program = "", world = "", ...words] = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? undefined : words[at + 1];
};

function refuse(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** What each program prints without a login. */
const LOGGED_OUT: Readonly<Record<string, () => never>> = {
  // lib/surface/auth/{print_access_token,application_default/print_access_token}.py of the Cloud SDK
  gcloud: () =>
    words.includes("application-default")
      ? refuse(
          "ERROR: (gcloud.auth.application-default.print-access-token) Your default credentials were not found.",
          1,
        )
      : refuse(
          "ERROR: (gcloud.auth.print-access-token) You do not currently have an active account selected.",
          1,
        ),
  // https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html
  aws: () =>
    refuse('Unable to locate credentials. You can configure credentials by running "aws configure".', 253),
  // _AZ_LOGIN_MESSAGE in azure/cli/core/_profile.py
  az: () => refuse("ERROR: Please run 'az login' to setup account.", 1),
};

/** What each program requires besides a login. */
const CHECKS: Readonly<Record<string, () => void>> = {
  aws: () => {
    if (option("region") === undefined)
      refuse(
        'You must specify a region. You can also configure your region by running "aws configure".',
        253,
      );
  },
  az: () => {
    const file = join(world, "inventory.json");
    const { resources } = (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { resources: [] }) as {
      resources: readonly Resource[];
    };
    const name = option("name") ?? "";
    const exists = resources.some(
      ({ token, id, deleted }) =>
        token === "azure-native:containerregistry:Registry" &&
        deleted === undefined &&
        id.endsWith(`/${name}`) &&
        id.startsWith(`/subscriptions/${option("subscription") ?? ""}`),
    );
    // get_registry_by_name in azure/cli/command_modules/acr/_utils.py
    if (!exists) refuse(`ERROR: The resource with name '${name}' could not be found in subscription.`, 3);
    if (!words.includes("--expose-token")) refuse("ERROR: the stand-in logs no Docker in: --expose-token", 1);
  },
};

const account = program === "gcloud" && words.includes("application-default") ? "adc" : (program as Account);
if (existsSync(join(world, "logged-out")) || refusalOf(account, world, process.env) !== undefined)
  LOGGED_OUT[program]?.();
CHECKS[program]?.();
const password = `${program}-password-${process.pid}-${Date.now()}`;
appendFileSync(join(world, "passwords"), `${password}\n`);
process.stdout.write(`${password}\n`);
