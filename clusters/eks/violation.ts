import type { Path } from "../../config/path";
import type { Problem } from "../../config/problems";
import { violation } from "../findings";

/** A broken rule of a key under `ralph:cluster`, mended by another value. */
export const set = (at: Path, rule: string, value: string): Problem => violation({ at, rule, value });

/** A broken rule of a key under `ralph:cluster`, mended by taking the key away. */
export const unset = (at: Path, rule: string): Problem => violation({ at, rule });
