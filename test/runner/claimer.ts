/** A worker process for the test of claims: takes all that it can of a folder, says which. Waits for the others, so that they race. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Claims } from "../../runner/src/claims";

const [folder = "", owner = ""] = process.argv.slice(2);
const claims = new Claims(owner);
const things = readdirSync(folder).filter((name) => name.startsWith("thing-"));
writeFileSync(join(folder, `up-${owner}`), "");
while (!existsSync(join(folder, "go"))); // so that none is late by the time of a timer
const taken = things.filter((name) => claims.take(join(folder, name)) !== undefined);
process.stdout.write(JSON.stringify(taken));
process.exit();
