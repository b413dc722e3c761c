import { join } from "node:path";

/** Root of this checkout. */
export const REPOSITORY = join(__dirname, "..");

/** The project's name in Pulumi.yaml: namespace of its configuration, and a tag of everything its stacks create. */
export const PROJECT = "ralph";
