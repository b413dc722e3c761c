/**
 * Proves what a user sees if the configuration is invalid, on the real engine with a real, partly encrypted stack
 * file: the command fails and reports every problem and nothing else, without a stack trace or a secret; no
 * resource is registered, and no request changes the server. The engine itself rejects a key that does not have
 * the type declared in Pulumi.yaml. A sample; the program's own report of each one is a unit test
 * (test/stack/refusals.test.ts), and every night the engine runs them all (test/nightly/bad-input.test.ts).
 */
import { BAD_CONFIGS } from "../support/bad-configs";
import { areRefused, isTooLong, wrongTypes } from "./bad-input/refused";

/** Every n-th invalid configuration that reaches the program; those that the engine rejects are all tried. */
const EACH = 5;

describe("an invalid configuration, on the real engine", () =>
  areRefused(BAD_CONFIGS.filter((bad, i) => i % EACH === 0 || wrongTypes(bad).length > 0 || isTooLong(bad))));
