/** Proves of every invalid configuration what test/engine/bad-input.test.ts proves of a sample. */
import { areRefused } from "../engine/bad-input/refused";
import { BAD_CONFIGS } from "../support/bad-configs";

describe("every invalid configuration, on the real engine", () => areRefused(BAD_CONFIGS));
